// Starts `tidepool work` in the background if no worker runs.
#pragma once

#include <filesystem>

#include "base/result.hpp"

namespace tidepool {

// The worker is nobody's child: double fork, own session, no descriptor of ours left open, so
// that slurmctld (slurmscriptd since 23.02 waits for open pipes) sees the hook end at once.
// True: started. False: one runs already, and it looks at the store again before it ends.
Result<bool> start_worker(const std::filesystem::path& state_dir,
                          const std::filesystem::path& config);

// The worker's lock file in the state folder.
std::filesystem::path worker_lock(const std::filesystem::path& state_dir);
// While somebody (`tidepool apply`) has this one, the worker rests: it ends after the requests in
// flight, lets go of its lock, and begins anew with the pool file as it then is.
std::filesystem::path rest_lock(const std::filesystem::path& state_dir);

}  // namespace tidepool
