#pragma once
#include <optional>

#include "http/call.hpp"

// Microversions of compute (2.1 to 2.93, as in Zed) and placement (1.0 to 1.39).
namespace tidepool::sim {

constexpr int kComputeMax = 93;
constexpr int kPlacementMax = 39;

// Sets call.minor from the request's headers, or says why not (400 malformed, 406 too new).
std::optional<Reply> read_microversion(Service service, Call& call);

// The headers that say which one was used.
void add_version_headers(Service service, const Call& call, Reply& reply);

}  // namespace tidepool::sim
