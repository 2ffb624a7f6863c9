// A coroutine sleeps; the loop goes on.
#pragma once

#include "base/async.hpp"
#include "base/clock.hpp"

namespace tidepool {

Task<void> pause_for(Millis time);

}  // namespace tidepool
