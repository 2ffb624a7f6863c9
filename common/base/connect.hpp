// Does anybody listen there? A TCP connection that is made and closed at once.
#pragma once

#include <string>
#include "base/async.hpp"

#include "base/clock.hpp"
#include "base/result.hpp"

namespace tidepool {

// `address`: IPv4 or IPv6, no name. timeout: no answer within `limit`; unreachable: refused, no
// route; the message names address and port.
Task<Result<void>> can_connect(std::string address, int port, Millis limit);

}  // namespace tidepool
