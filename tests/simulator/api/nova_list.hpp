#pragma once
#include "http/call.hpp"

namespace tidepool::sim {

// GET /servers and GET /servers/detail
Reply list_servers(Call& call, bool detail);

// The server if this caller may see it.
ServerPtr visible_server(Call& call, const std::string& id);

}  // namespace tidepool::sim
