// The body of tidepool-resume, tidepool-suspend and tidepool-resume-fail.
#pragma once

#include "work/intents.hpp"

namespace tidepool {

// argv[1] is slurmctld's hostlist. Exit codes as in setup.hpp; slurmctld logs them.
int hook_main(Hook hook, int argc, char** argv);

}  // namespace tidepool
