#pragma once
#include <functional>
#include <string>
#include <vector>

#include "cloud/clock.hpp"

namespace tidepool::sim {

struct SpawnResult {
  int status = -1;     // as HookResult::status
  std::string output;  // the last 64 KiB of standard output and error together
};

// Runs argv[0] in a process group of its own with `input` on its standard input, and no other file
// of ours open. Ends when the program itself ends: daemons that it leaves behind may keep its
// output open. Past `timeout` the group gets SIGKILL. `started(pgid)` is called once it runs,
// `ended(pgid)` just before the process is reaped, so that a kill can never hit a stranger.
SpawnResult spawn_and_wait(const std::vector<std::string>& argv, const std::string& input,
                           Millis timeout, const std::function<void(int)>& started,
                           const std::function<void(int)>& ended);

}  // namespace tidepool::sim
