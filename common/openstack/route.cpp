#include "openstack/route.hpp"

#include <algorithm>
#include <cctype>

namespace tidepool::openstack {
namespace {

bool is_id(std::string_view segment) {
  const auto all = [&](auto&& test) {
    return std::all_of(segment.begin(), segment.end(),
                       [&](char c) { return test(static_cast<unsigned char>(c)); });
  };
  if (segment.empty()) return false;
  if (all([](unsigned char c) { return std::isdigit(c) != 0; })) return true;
  return segment.size() >= 32 &&
         all([](unsigned char c) { return std::isxdigit(c) != 0 || c == '-'; });
}

}  // namespace

std::string route_of(std::string_view url) {
  if (const auto scheme = url.find("://"); scheme != std::string_view::npos) {
    const auto slash = url.find('/', scheme + 3);
    url = slash == std::string_view::npos ? std::string_view("/") : url.substr(slash);
  }
  url = url.substr(0, url.find_first_of("?#"));
  std::string route;
  std::string_view before;
  while (!url.empty()) {
    url.remove_prefix(1);  // the slash
    const std::string_view segment = url.substr(0, url.find('/'));
    url.remove_prefix(segment.size());
    const bool id = is_id(segment) || (before == "flavors" && segment != "detail");
    route.append("/").append(id ? std::string_view("{id}") : segment);
    before = segment;
  }
  return route;
}

}  // namespace tidepool::openstack
