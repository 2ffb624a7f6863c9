// Runs a program with an argument vector, a time limit and captured output; never a shell.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>
#include "base/async.hpp"

#include "base/result.hpp"

namespace tidepool {

struct ProcessOutput {
  int exit_code = 0;  // 128+N when ended by signal N, as a shell says
  std::string out;    // standard output, at most 64 MiB
  std::string err;    // standard error, at most 1 MiB
};

struct ProcessOptions {
  std::chrono::milliseconds timeout{30'000};       // then SIGKILL and ErrorKind::timeout
  std::map<std::string, std::string> environment;  // added to ours
};

// argv[0] is looked up in PATH. ErrorKind::not_found when there is no such program; a non-zero
// exit is not an error of this function.
Task<Result<ProcessOutput>> run_process(std::vector<std::string> argv, ProcessOptions options = {});

}  // namespace tidepool
