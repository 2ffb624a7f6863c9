#include "openstack/placement.hpp"

#include <fmt/format.h>
#include <utility>

#include "openstack/json_reader.hpp"
#include "openstack/pick.hpp"

namespace tidepool::openstack {
namespace {

using Json = nlohmann::json;

Result<void> add(const Json& provider, Allocations& sum) {
  JsonReader reader(provider, "allocation");
  const Json* resources = reader.object("resources");
  if (auto ok = reader.done(); !ok || resources == nullptr) return ok;
  int vcpus = 0, ram = 0, disk = 0;
  auto ok = JsonReader(*resources, "allocation, resources")
                .number("VCPU", vcpus)
                .number("MEMORY_MB", ram)
                .number("DISK_GB", disk)
                .done();
  if (!ok) return ok;
  sum.vcpus += vcpus;
  sum.ram_mib += ram;
  sum.disk_gib += disk;
  ++sum.providers;
  return {};
}

}  // namespace

Task<Result<Allocations>> Placement::allocations(std::string server_id) {
  if (!looks_like_id(server_id))
    co_return fail(ErrorKind::invalid, fmt::format("'{}' is not a server id", server_id));
  ApiRequest request;
  request.service = Service::placement;
  request.path = "/allocations/" + server_id;
  auto response = co_await session_.call(std::move(request));
  if (!response) co_return fail(response.error());
  auto body = json_body(*response, "allocations");
  if (!body) co_return fail(body.error());
  auto providers = object_in(*body, "allocations");
  if (!providers) co_return fail(providers.error());
  Allocations sum;
  for (const auto& [id, provider] : (*providers)->items())
    if (auto ok = add(provider, sum); !ok) co_return fail(ok.error());
  co_return sum;
}

}  // namespace tidepool::openstack
