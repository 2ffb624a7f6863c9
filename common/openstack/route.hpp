// The route of a URL: its path with ids replaced, for counting requests.
#pragma once

#include <string>
#include <string_view>

namespace tidepool::openstack {

// "http://h:8774/v2.1/servers/9b53…-…/action?x=1" -> "/v2.1/servers/{id}/action".
// Ids are UUIDs (with or without dashes), numbers, and whatever follows "flavors".
std::string route_of(std::string_view url);

}  // namespace tidepool::openstack
