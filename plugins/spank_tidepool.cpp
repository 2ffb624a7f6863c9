// spank_tidepool: --hold-mode=, --no-hold and --max-held= for sbatch, srun and salloc.
//
// A value is judged where it is given, in the command's own process. What is right goes two ways:
// to the job's environment (TIDEPOOL_HOLD_MODE, TIDEPOOL_NO_HOLD, TIDEPOOL_MAX_HELD), and, as every
// SPANK option, to slurmctld, where job_submit_tidepool reads it. Nothing else happens here.
#include <slurm/slurm.h>

#include <cstdlib>
#include <optional>
#include <string>

#include "config/job_wish.hpp"
#include "guarded.hpp"
#include "spank.hpp"

// Namespace-scope constants are local to their file in C++, unless they were declared extern.
#pragma GCC visibility push(default)
extern "C" {
extern const char plugin_name[];
extern const char plugin_type[];
extern const unsigned int plugin_version;
extern const unsigned int spank_plugin_version;
SPANK_PLUGIN(tidepool, 1)
}
#pragma GCC visibility pop

namespace {

using tidepool::guarded;

enum Option : int { kHoldMode, kNoHold, kMaxHeld };

struct Variable {
  const char* name;
  std::optional<std::string> value;
};

// How Slurm names an option of this plugin where it passes it on.
constexpr const char* kPassedName = "_SLURM_SPANK_OPTION_tidepool_";
constexpr const char* kPassedToTheNode = "SLURM_SPANK_";
constexpr const char* kPassedOn[] = {"hold_mode", "no_hold", "max_held"};  // by Option

tidepool::JobWish wish;

Variable variable_of(Option option) {
  switch (option) {
    case kHoldMode:
      if (wish.modes.empty()) return {"TIDEPOOL_HOLD_MODE", {}};
      return {"TIDEPOOL_HOLD_MODE", tidepool::format_hold_modes(wish.modes)};
    case kNoHold:
      if (!wish.no_hold) return {"TIDEPOOL_NO_HOLD", {}};
      return {"TIDEPOOL_NO_HOLD", "1"};
    default:
      if (!wish.max_held) return {"TIDEPOOL_MAX_HELD", {}};
      return {"TIDEPOOL_MAX_HELD", std::to_string(wish.max_held->count())};
  }
}

// Is this an srun inside a job? Its options can no longer change the job.
bool is_step() {
  return spank_context() == S_CTX_LOCAL && std::getenv("SLURM_JOB_ID") != nullptr;
}

// Takes the option into `wish`; what is wrong with it, empty: nothing.
std::string take(Option option, const char* text) {
  const std::string value = text == nullptr ? "" : text;
  if (option == kNoHold) {
    wish.no_hold = true;
  } else if (option == kHoldMode) {
    auto modes = tidepool::parse_hold_modes(value);
    if (!modes) return "--hold-mode: " + modes.error().message;
    wish.modes = std::move(*modes);
  } else {
    const auto longest = tidepool::parse_max_held(value);
    if (!longest) return "--max-held: " + longest.error().message;
    wish.max_held = *longest;
  }
  if (auto wrong = tidepool::contradiction_in(wish); !wrong.empty()) return wrong;
  if (!is_step()) return {};
  const auto variable = variable_of(option);
  const char* of_the_job = std::getenv(variable.name);
  if (of_the_job != nullptr && variable.value == of_the_job) return {};
  const char* const names[] = {"--hold-mode", "--no-hold", "--max-held"};
  return std::string(names[option]) +
         " is for a whole job, and this srun runs inside one; give it to sbatch or salloc";
}

int option_given(int option, const char* value, int remote) {
  return guarded("option", remote ? 0 : -1, [&] {
    const std::string wrong = take(static_cast<Option>(option), value);
    // On the node the job runs already: it was judged when it was submitted.
    if (remote != 0 || wrong.empty()) return 0;
    slurm_error("%s", wrong.c_str());
    return -1;
  });
}

char hold_mode_name[] = "hold-mode";
char hold_mode_value[] = "MODE[,MODE]";
char hold_mode_usage[] =
    "how the job's nodes may be held, first choice first: pause, suspend, hibernate, shelve, stop, "
    "snapshot, requeue";
char no_hold_name[] = "no-hold";
char no_hold_usage[] = "the job's nodes must not be held";
char max_held_name[] = "max-held";
char max_held_value[] = "TIME";
char max_held_usage[] = "how long the job may be held, as in 90m or 24h";
char nothing[] = "";

struct spank_option options[] = {
    {hold_mode_name, hold_mode_value, hold_mode_usage, 1, kHoldMode, option_given},
    {no_hold_name, nothing, no_hold_usage, 0, kNoHold, option_given},
    {max_held_name, max_held_value, max_held_usage, 1, kMaxHeld, option_given}};

// Slurm leaves the options of a job in its environment, under two names. A command that is run
// inside the job would take them for its own.
void forget_the_outer_job() {
  if (std::getenv("SLURM_JOB_ID") == nullptr) return;
  for (const auto* option : kPassedOn) {
    ::unsetenv((std::string(kPassedName) + option).c_str());
    ::unsetenv((kPassedToTheNode + std::string(kPassedName) + option).c_str());
  }
}

// On the node, for a batch script: slurmstepd has the options in the environment and calls no
// callback.
void take_passed(spank_t spank) {
  for (const auto option : {kHoldMode, kNoHold, kMaxHeld}) {
    char value[256] = "";
    const auto name = kPassedToTheNode + std::string(kPassedName) + kPassedOn[option];
    if (spank_getenv(spank, name.c_str(), value, sizeof value) == ESPANK_SUCCESS)
      (void)take(option, value);
  }
}

}  // namespace

// A table that is only exported (spank_options) reaches srun alone, not sbatch and salloc.
int slurm_spank_init(spank_t spank, int, char**) {
  return guarded("options", 0, [&] {
    const auto context = spank_context();
    if (context == S_CTX_LOCAL || context == S_CTX_ALLOCATOR) forget_the_outer_job();
    for (auto& option : options)
      if (spank_option_register(spank, &option) != ESPANK_SUCCESS)
        slurm_error("tidepool: option --%s cannot be registered", option.name);
    return 0;
  });
}

// In sbatch, salloc and srun: the environment of the job to be. A command that itself runs in a job
// has that one's variables, which must not reach the new job.
int slurm_spank_init_post_opt(spank_t, int, char**) {
  return guarded("environment", 0, [] {
    const auto context = spank_context();
    if ((context != S_CTX_LOCAL && context != S_CTX_ALLOCATOR) || is_step()) return 0;
    for (const auto option : {kHoldMode, kNoHold, kMaxHeld}) {
      const auto variable = variable_of(option);
      if (variable.value)
        ::setenv(variable.name, variable.value->c_str(), 1);
      else
        ::unsetenv(variable.name);
    }
    return 0;
  });
}

// On the node, where the plugin is there too: for jobs that brought no environment (--export=NONE).
int slurm_spank_task_init(spank_t spank, int, char**) {
  return guarded("environment", 0, [&] {
    take_passed(spank);
    for (const auto option : {kHoldMode, kNoHold, kMaxHeld})
      if (const auto variable = variable_of(option); variable.value)
        spank_setenv(spank, variable.name, variable.value->c_str(), 1);
    return 0;
  });
}
