#pragma once
#include "http/call.hpp"

namespace tidepool::sim {

// POST /servers
Reply create_server(Call& call);

// "metadata" of a request: strings to strings of at most 255 characters; or the 400 that nova
// gives.
std::optional<Reply> check_metadata(const json& metadata);

}  // namespace tidepool::sim
