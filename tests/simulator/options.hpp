#pragma once
#include <optional>
#include <string>

#include "cloud/settings.hpp"

namespace tidepool::sim {

struct Options {
  Settings settings;
  int port = 0, control_port = 0, threads = 192;
  std::string state_dir;
  Millis latency{0};
  double rate = 0;
  bool destroy_on_exit = false;
};

// Reads the command line. A value is an exit status: 0 after --help, 2 after a message about what
// was wrong.
std::optional<int> read_options(int argc, char** argv, Options& options);

}  // namespace tidepool::sim
