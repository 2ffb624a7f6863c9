#pragma once
#include "http/call.hpp"

namespace tidepool::sim {

// A server as nova shows it at the call's microversion, to this member or admin.
// `show` is GET /servers/{id}; lists leave out what only that shows.
json server_view(const Call& call, const Server& server, bool show);

// {"id", "name", "links"}
json server_brief(const Call& call, const Server& server);

json server_links(const Call& call, const std::string& kind, const std::string& id);

json flavor_view(const Call& call, const Flavor& flavor);

}  // namespace tidepool::sim
