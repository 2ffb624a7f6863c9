// The cluster and the cloud of which `tidepool simulate` thinks: how large they are, how long what
// takes, what a held server gives back.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "config/pool_file.hpp"
#include "work/probe_report.hpp"

namespace tidepool::plan {

inline constexpr std::size_t kModes = 7;  // HoldMode's

struct PlanPool {
  std::string name, partition;
  int nodes = 0;
  Amount node;                  // what one node's server takes
  std::vector<HoldMode> modes;  // the pool's own
  std::optional<Millis> max_held;
  std::array<Amount, kModes> frees;  // of one node, by mode, in the book
};

struct Latency {
  Millis hold{0}, back{0};  // until the room is free; until the job goes on
  bool measured = false;    // by a probe
};

struct Model {
  Book book = Book::placement;             // the one that is short of room
  Amount room{kPlenty, kPlenty, kPlenty};  // what there is in all
  std::array<Latency, kModes> modes;
  Millis boot{90'000};         // from a create request to a job that runs
  Millis remove{5'000};        // a server that is deleted
  Millis idle{300'000};        // slurm.conf's SuspendTime
  Millis late{600'000};        // slurm.conf's ResumeTimeout: a node that waits longer is late
  Millis poll_moving{2'000};   // policy.poll: a listing each while anything moves
  bool all_or_nothing = true;  // policy: nobody steps aside for some nodes of a job
  int most_returns = 10;       // under way at once: the worker's
  ReclaimSection reclaim;
  std::vector<PlanPool> pools;
};

struct ModelOptions {
  std::optional<Book> book;
  int cores_per_node = 0;                                 // 0: the probe's flavor, else kUsualCores
  std::int64_t ram_per_node_mib = 0;                      // 0: the same, else kUsualRamMib
  std::optional<std::int64_t> instances, cores, ram_mib;  // of the room; else see make_model()
  std::optional<Millis> hold, back;                       // for all modes but requeue
  std::optional<Millis> boot, idle, late;
};
inline constexpr int kUsualCores = 8;
inline constexpr std::int64_t kUsualRamMib = 32 * 1024;

// What tidepool's own half of a hold and a return takes: jobs suspended and seen to stop, the node
// told to Slurm.
inline constexpr Millis kOwnHalf{5'000};

// What docs/simulate.md states where nothing was measured.
Latency usual_latency(HoldMode mode);

// `probes`: one for each pool of the file, in its order, as many as pools; a pool without one has
// the first that there is. The room, where no option gives it: what the larger of the two takes,
// the pools whose partition has opportunistic jobs or the others, with the headroom on top.
Model make_model(const PoolFile& file, const std::vector<std::optional<ProbeReport>>& probes,
                 const ModelOptions& options);

}  // namespace tidepool::plan
