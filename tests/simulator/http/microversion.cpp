#include "http/microversion.hpp"

#include <cstdio>
#include <sstream>

namespace tidepool::sim {
namespace {

// "compute 2.93, placement 1.36": the version for one service type.
std::string wanted(const Call& call, const std::string& type) {
  std::istringstream entries(call.header("openstack-api-version"));
  std::string entry;
  while (std::getline(entries, entry, ',')) {
    std::istringstream words(entry);
    std::string name, version;
    if (words >> name >> version && name == type) return version;
  }
  return type == "compute" ? call.header("x-openstack-nova-api-version") : "";
}

bool parse(const std::string& text, int& major, int& minor) {
  char rest = 0;
  return std::sscanf(text.c_str(), "%d.%d%c", &major, &minor, &rest) == 2;
}

}  // namespace

std::optional<Reply> read_microversion(Service service, Call& call) {
  if (service == Service::kCompute) {
    const std::string text = wanted(call, "compute");
    int major = 2, minor = 1;
    if (text == "latest")
      minor = kComputeMax;
    else if (!text.empty() && !parse(text, major, minor)) {
      call.minor = 0;  // nova says no version in this answer
      return nova_error(400, "API Version String " + text +
                                 " is of invalid format. Must be of format MajorNum.MinorNum.");
    }
    call.minor = minor;
    if (major != 2 || minor < 1 || minor > kComputeMax)
      return nova_error(
          406,
          "Version " + text + " is not supported by the API. Minimum is 2.1 and maximum is 2.93.");
  }
  if (service == Service::kPlacement) {
    const std::string text = wanted(call, "placement");
    int major = 1, minor = 0;
    if (text == "latest")
      minor = kPlacementMax;
    else if (!text.empty() &&
             (!parse(text, major, minor) || major != 1 || minor < 0 || minor > kPlacementMax)) {
      call.minor = 0;
      return placement_error(406, "Not Acceptable", "Unacceptable version header: " + text,
                             call.request_id);
    }
    call.minor = minor;
  }
  return std::nullopt;
}

void add_version_headers(Service service, const Call& call, Reply& reply) {
  if (service == Service::kCompute && call.minor > 0) {
    const std::string version = "2." + std::to_string(call.minor);
    reply.header("OpenStack-API-Version", "compute " + version);
    reply.header("X-OpenStack-Nova-API-Version", version);
    reply.header("Vary", "OpenStack-API-Version, X-OpenStack-Nova-API-Version");
  }
  if (service == Service::kPlacement) {
    reply.header("openstack-api-version", "placement 1." + std::to_string(call.minor));
    reply.header("vary", "openstack-api-version");
  }
}

}  // namespace tidepool::sim
