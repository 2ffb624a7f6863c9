// tidepool simulate: what would the reclaim policy have done with these jobs?
#include <fmt/format.h>
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>

#include "base/file.hpp"
#include "command.hpp"
#include "plan/engine.hpp"
#include "plan/generate.hpp"
#include "simulate_table.hpp"
#include "work/probe_file.hpp"

namespace tidepool {
namespace {

struct SimulateOptions {
  std::string trace, policy, book, hold_time, return_time, boot_time, idle_time, resume_timeout;
  std::string ram_per_node, ram, events;
  std::vector<std::string> queues, nodes, ways;
  std::int64_t cores = 0, instances = 0;
  int cores_per_node = 0;
  bool json = false, skip_bad = false, generate = false;
  plan::GenerateOptions made;
};

// Each says what is wrong itself and leaves `good` false.
class Arguments {
 public:
  bool good = true;

  void bad(std::string_view option, const std::string& what) {
    complain(kProgram, fmt::format("{}: {}", option, what));
    good = false;
  }
  std::optional<Millis> time(const char* option, const std::string& text) {
    if (text.empty()) return std::nullopt;
    auto time = parse_duration(text);
    if (!time) return bad(option, time.error().message), std::nullopt;
    return *time;
  }
  std::optional<std::int64_t> size(const char* option, const std::string& text) {
    if (text.empty()) return std::nullopt;
    auto size = mebibytes_of(text);
    if (!size) bad(option, fmt::format("'{}' is not a size; write 256G or 512M", text));
    return size;
  }
  // NAME=VALUE
  std::optional<std::pair<std::string, std::string>> pair(const char* option,
                                                          const std::string& text) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size())
      return bad(option, fmt::format("'{}' is not NAME=VALUE", text)), std::nullopt;
    return std::pair(text.substr(0, equals), text.substr(equals + 1));
  }
};

plan::ModelOptions model_options(const SimulateOptions& o, Arguments& args) {
  plan::ModelOptions m;
  if (!o.book.empty()) {
    m.book = book_of(o.book);
    if (!m.book)
      args.bad("--book", fmt::format("'{}' is not hypervisor, placement or quota", o.book));
  }
  m.cores_per_node = o.cores_per_node;
  m.ram_per_node_mib = args.size("--ram-per-node", o.ram_per_node).value_or(0);
  m.ram_mib = args.size("--ram", o.ram);
  if (o.cores > 0) m.cores = o.cores;
  if (o.instances > 0) m.instances = o.instances;
  m.hold = args.time("--hold-time", o.hold_time);
  m.back = args.time("--return-time", o.return_time);
  m.boot = args.time("--boot-time", o.boot_time);
  m.idle = args.time("--idle-time", o.idle_time);
  m.late = args.time("--resume-timeout", o.resume_timeout);
  return m;
}

std::vector<plan::Way> ways_of(const SimulateOptions& o, Arguments& args) {
  std::vector<plan::Way> ways;
  for (const auto& word : o.ways) {
    const auto way = std::find_if(plan::kWays.begin(), plan::kWays.end(),
                                  [&](plan::Way w) { return plan::to_string(w) == word; });
    if (way == plan::kWays.end())
      args.bad("--compare", fmt::format("'{}' is not hold, kill or none", word));
    else if (std::find(ways.begin(), ways.end(), *way) == ways.end())
      ways.push_back(*way);
  }
  if (ways.empty()) ways.assign(plan::kWays.begin(), plan::kWays.end());
  return ways;
}

// --nodes POOL=N: a pool of another size than the file's.
void resize_pools(PoolFile& file, const std::vector<std::string>& nodes, Arguments& args) {
  for (const auto& text : nodes) {
    const auto pair = args.pair("--nodes", text);
    if (!pair) continue;
    const auto pool = std::find_if(file.pools.begin(), file.pools.end(),
                                   [&](const Pool& p) { return p.name == pair->first; });
    int count = 0;
    const auto& v = pair->second;
    const auto [end, ec] = std::from_chars(v.data(), v.data() + v.size(), count);
    if (ec != std::errc() || end != v.data() + v.size() || count < 1 || count > 1'000'000)
      args.bad("--nodes", fmt::format("'{}' is not a number of nodes", v));
    else if (pool == file.pools.end())
      args.bad("--nodes", fmt::format("the pool file has no pool {}", pair->first));
    else
      pool->nodes.resize(static_cast<std::size_t>(count));
  }
}

void rename_queues(plan::Trace& trace, const std::vector<std::string>& queues, Arguments& args) {
  for (const auto& text : queues) {
    const auto pair = args.pair("--queue", text);
    if (!pair) continue;
    const auto name = std::find(trace.names.begin() + 1, trace.names.end(), pair->first);
    if (name == trace.names.end())
      args.bad("--queue", fmt::format("the trace has no queue {}", pair->first));
    else
      *name = pair->second;
  }
}

std::optional<PoolFile> read_policy_file(const CommandLine& line, const SimulateOptions& o) {
  const std::filesystem::path path =
      o.policy.empty() ? config_path(line.common) : std::filesystem::path(o.policy);
  auto file = load_pool_file(path);
  if (!file) {
    complain(kProgram, file.error().message);
    return std::nullopt;
  }
  if (!file->reclaim.given) {
    complain(kProgram, fmt::format("{} has no reclaim: section, so that no job is opportunistic; "
                                   "docs/pool-file.md describes it",
                                   path.string()));
    return std::nullopt;
  }
  return std::move(*file);
}

std::vector<std::optional<ProbeReport>> probes_of(const PoolFile& file) {
  std::vector<std::optional<ProbeReport>> all;
  for (const auto& pool : file.pools) {
    auto probe = load_probe(file.state.dir, pool.name);
    // Who plans need not be able to read the state folder.
    if (!probe && probe.error().kind == ErrorKind::invalid)
      complain(kProgram, probe.error().message);
    all.push_back(probe ? std::move(*probe) : std::nullopt);
  }
  return all;
}

std::optional<plan::Trace> load_trace(const SimulateOptions& o) {
  auto text = read_file(o.trace, plan::kLargestTrace);
  if (!text) {
    complain(kProgram, "trace: " + text.error().message);
    return std::nullopt;
  }
  std::vector<Diagnostic> faults;
  auto trace = plan::read_trace(*text, o.trace, faults);
  for (const auto& fault : faults) complain(kProgram, to_string(fault));
  if (!faults.empty() && !o.skip_bad) {
    complain(kProgram, "nothing was simulated; --skip-bad leaves bad lines out");
    return std::nullopt;
  }
  if (trace.jobs.empty()) {
    complain(kProgram, fmt::format("{}: no job in it ever ran", o.trace));
    return std::nullopt;
  }
  return trace;
}

// --events: one line for each thing that happens to a job.
class EventLog {
 public:
  Result<void> open(const std::string& path) {
    if (path.empty()) return {};
    file_.reset(std::fopen(path.c_str(), "we"));
    if (!file_) return fail_errno(errno, path);
    return {};
  }
  plan::Watcher watcher(plan::Way way) {
    if (!file_) return nullptr;
    return [this, way](Time at, plan::Happens what, const plan::TraceJob& job) {
      fmt::print(file_.get(), "{}\t{}\t{}\t{}\n", plan::to_string(way), format_time(at),
                 plan::to_string(what), job.id);
    };
  }
  bool close() { return !file_ || std::fclose(file_.release()) == 0; }

 private:
  struct Close {
    void operator()(std::FILE* f) const { std::fclose(f); }
  };
  std::unique_ptr<std::FILE, Close> file_;
};

int simulate(const CommandLine& line, const SimulateOptions& o) {
  if (o.generate) {
    auto made = o.made;
    if (o.cores_per_node > 0) made.cores_per_node = o.cores_per_node;
    fmt::print("{}", plan::generate_trace(made));
    return std::fflush(stdout) == 0 ? kOk : kFailed;
  }
  if (o.trace.empty()) {
    complain(kProgram, "simulate: name a trace, or --generate one");
    return kUsage;
  }
  Arguments args;
  const auto options = model_options(o, args);
  const auto ways = ways_of(o, args);
  if (!args.good) return kUsage;
  auto file = read_policy_file(line, o);
  if (!file) return kConfig;
  resize_pools(*file, o.nodes, args);
  if (!args.good) return kUsage;
  auto trace = load_trace(o);
  if (!trace) return kFailed;
  rename_queues(*trace, o.queues, args);
  if (!args.good) return kUsage;
  const auto model = plan::make_model(*file, probes_of(*file), options);
  EventLog events;
  if (auto opened = events.open(o.events); !opened) {
    complain(kProgram, "--events: " + opened.error().message);
    return kFailed;
  }
  std::vector<plan::Figures> all;
  for (const auto way : ways) {
    const auto before = std::chrono::steady_clock::now();
    plan::Engine engine(*trace, model, way, events.watcher(way));
    all.push_back(engine.run());
    all.back().seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count();
  }
  if (!events.close()) {
    complain(kProgram, "--events: cannot write to " + o.events);
    return kFailed;
  }
  if (o.json)
    print_simulation_json(*trace, model, all);
  else
    print_simulation(*trace, model, all);
  return kOk;
}

void add_generate(CLI::App& sub, SimulateOptions& o) {
  auto& made = o.made;
  sub.add_flag("--generate", o.generate,
               "only print a trace in SWF, made from the distributions in docs/simulate.md");
  sub.add_option("--days", made.days, "of the generated trace")
      ->check(CLI::Range(1, 36'500))
      ->capture_default_str();
  sub.add_option("--cluster-nodes", made.nodes, "for how large a cluster it is generated")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  sub.add_option("--load", made.load, "of these nodes, by normal jobs, in the mean")
      ->check(CLI::Range(0.0, 2.0))
      ->capture_default_str();
  sub.add_option("--pilots", made.pilots, "opportunistic work, as a part of the nodes' time")
      ->check(CLI::Range(0.0, 10.0))
      ->capture_default_str();
  sub.add_option("--pilot-hours", made.pilot_hours, "median run time of a generated pilot")
      ->check(CLI::Range(0.1, 48.0))
      ->capture_default_str();
  sub.add_option("--seed", made.seed, "another seed gives another trace of the same kind")
      ->capture_default_str();
}

}  // namespace

void add_simulate(CLI::App& app, CommandLine& line) {
  auto* sub = app.add_subcommand(
      "simulate",
      "Replay a trace of jobs (what 'sacct -P' prints, or SWF) against the reclaim: policy of a\n"
      "pool file, with a model of cluster and cloud, and compare: opportunistic jobs are held,\n"
      "are killed and requeued, or nothing is done. Asks neither slurmctld nor the cloud.");
  auto o = std::make_shared<SimulateOptions>();
  sub->add_option("trace", o->trace, "the trace");
  sub->add_option("--policy", o->policy, "pool file (default: the one in use)");
  sub->add_option("--compare", o->ways, "which of hold, kill, none (default: all three)")
      ->delimiter(',');
  sub->add_option("--nodes", o->nodes, "POOL=N: as if the pool had so many nodes");
  sub->add_option("--queue", o->queues, "NAME=PARTITION: what a queue of the trace is here");
  sub->add_option("--cores-per-node", o->cores_per_node,
                  "(default: the stored probe's flavor, else 8)")
      ->check(CLI::Range(1, 100'000));
  sub->add_option("--ram-per-node", o->ram_per_node, "as 32G (default: the same, else 32G)");
  sub->add_option("--book", o->book,
                  "what is short of room: quota, placement or hypervisor\n"
                  "(default: quota where a probe has measured it, else placement)");
  sub->add_option("--cores", o->cores,
                  "room for so many cores (default: what the larger of the two takes,\n"
                  "opportunistic pools or the others, and the headroom)")
      ->check(CLI::PositiveNumber);
  sub->add_option("--instances", o->instances, "room for so many servers (default: the same)")
      ->check(CLI::PositiveNumber);
  sub->add_option("--ram", o->ram, "room for so much memory, as 512G (default: the same)");
  sub->add_option("--hold-time", o->hold_time,
                  "until a job that steps aside has freed its room (default: the stored probe's)");
  sub->add_option("--return-time", o->return_time, "until one that comes back runs (the same)");
  sub->add_option("--boot-time", o->boot_time, "until a new server runs its job (default: 90s)");
  sub->add_option("--idle-time", o->idle_time, "slurm.conf's SuspendTime (default: 5m)");
  sub->add_option("--resume-timeout", o->resume_timeout,
                  "slurm.conf's ResumeTimeout: a request for room that waits longer is late\n"
                  "(default: 10m)");
  sub->add_option("--events", o->events,
                  "a file for what happens to each job: way, time, started|held|returned|\n"
                  "requeued|ended, and its id, between tabs");
  sub->add_flag("--skip-bad", o->skip_bad, "leave bad lines of the trace out");
  sub->add_flag("--json", o->json, "for machines");
  add_generate(*sub, *o);
  sub->callback([&line, o] { line.chosen = [&line, o] { return simulate(line, *o); }; });
}

}  // namespace tidepool
