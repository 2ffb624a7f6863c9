// For tests: the process kills itself, as by kill -9, when it passes a named place. In every build,
// and of no effect until arm_fault_point() was called.
#pragma once

#include <string_view>

namespace tidepool {

// "holds.leaving.before:2": at the second passing of that place; without a number at the first.
// An empty text disarms.
void arm_fault_point(std::string_view spec);
void fault_point(std::string_view place);

}  // namespace tidepool
