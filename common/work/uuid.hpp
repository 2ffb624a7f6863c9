// Random identifiers for leases.
#pragma once

#include <string>

namespace tidepool {

// A version 4 UUID from the kernel's generator.
std::string random_uuid();

}  // namespace tidepool
