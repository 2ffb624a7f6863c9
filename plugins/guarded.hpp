// No exception crosses into Slurm, which is C: an uncaught one would end slurmctld.
#pragma once

#include <exception>

#include "spank.hpp"

namespace tidepool {

// What `act` returns; `otherwise` after an exception, which is logged (or shown, in a command).
template <typename Result, typename Act>
Result guarded(const char* what, Result otherwise, Act&& act) noexcept {
  try {
    return act();
  } catch (const std::exception& e) {
    slurm_error("tidepool: %s: %s", what, e.what());
  } catch (...) {
    slurm_error("tidepool: %s: unknown exception", what);
  }
  return otherwise;
}

}  // namespace tidepool
