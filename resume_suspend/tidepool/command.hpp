// A sub-command: one file pair each. add() declares it; run() does it.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>

#include "setup.hpp"

namespace tidepool {

inline constexpr const char* kProgram = "tidepool";

// What main() hands to every sub-command: the options before it, and where to leave what to run.
struct CommandLine {
  CommonOptions common;
  std::function<int()> chosen;  // set by the sub-command that was given
};

void add_check(CLI::App& app, CommandLine& line);
void add_slurm_conf(CLI::App& app, CommandLine& line);
void add_pool(CLI::App& app, CommandLine& line);
void add_status(CLI::App& app, CommandLine& line);
void add_work(CLI::App& app, CommandLine& line);
void add_node(CLI::App& app, CommandLine& line);
void add_reconcile(CLI::App& app, CommandLine& line);
void add_hold(CLI::App& app, CommandLine& line);
void add_release(CLI::App& app, CommandLine& line);
void add_reclaim(CLI::App& app, CommandLine& line);
void add_rebuild(CLI::App& app, CommandLine& line);
void add_probe(CLI::App& app, CommandLine& line);
void add_apply(CLI::App& app, CommandLine& line);
void add_simulate(CLI::App& app, CommandLine& line);

}  // namespace tidepool
