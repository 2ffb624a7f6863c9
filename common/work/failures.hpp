// Giving a node up: recorded, told to slurmctld, its pool rested, its jobs' other nodes let go.
#pragma once

#include <functional>

#include "node/verdict.hpp"
#include "work/journal.hpp"
#include "work/surroundings.hpp"

namespace tidepool {

class Failures {
 public:
  explicit Failures(Surroundings& s) : s_(s) {}

  // Judges a try that failed and writes the outcome into the record (and the store): a later
  // try, or a failure. Errors are the store's.
  Result<void> failed_try(NodeRecord& record, const Error& error);
  // Asked before a node is given up and its pool rests: true when it waits for room instead; that
  // is in the store then. Empty: none waits.
  std::function<Result<bool>(NodeRecord&, const Error&)> on_no_room;
  // No more tries: the failure is in the store, with what slurmctld shall be told. Unless it waits
  // for room: then the record has no failure.
  Result<void> give_up(NodeRecord& record, const Error& error, bool rest_pool);
  // A server that booted badly, or not at all: counts towards protected mode.
  Result<void> boot_failed(NodeRecord& record, const Error& error);
  // A node has come up: its pool is well again.
  Result<void> pool_is_well(const std::string& pool);
  // nullopt: the pool may create. Else why not, and until when.
  Result<std::optional<PoolState>> resting(const std::string& pool);
  // A new want for a pool that rests: failed at once, with the rest's reason.
  Result<void> refuse(NodeRecord& record, const PoolState& rest);

 private:
  Result<void> give_up_mates(const NodeRecord& record, const Error& error);
  Result<void> set_failure(NodeRecord& record, ErrorKind kind, const std::string& text, Time until);
  const Policy& policy(const std::string& pool) const;
  Surroundings& s_;
};

// True for nodes that slurmctld asked for: only those are told about.
bool asked_by_slurm(const NodeRecord& record);

}  // namespace tidepool
