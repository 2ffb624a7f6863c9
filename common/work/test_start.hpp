// Does slurmctld accept a slurm.conf? The installed one is started with it, beside the one that
// runs: own state folder, port, pid file and log, as controller of this host, no accounting, and
// programs that do nothing. It is ended as soon as it says that it runs.
#pragma once

#include <filesystem>
#include <string>

#include "base/async.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"

namespace tidepool {

struct TestStart {
  std::string text;            // of the new slurm.conf
  std::filesystem::path conf;  // where it is to be installed: its neighbours (gres.conf…) count too
  std::filesystem::path folder;  // scratch, made and removed here; must be private to SlurmUser
  std::string program = "slurmctld";
  Millis limit{60'000};
};

// invalid: slurmctld refused it; the message is its own words. not_found: no slurmctld here.
Task<Result<void>> test_start(TestStart test);

// The text with what would touch the cluster replaced. Included files become part of it.
std::string test_text(const std::string& text, const std::filesystem::path& conf,
                      const std::filesystem::path& folder, const std::string& host, int port);

}  // namespace tidepool
