// What people are shown of a hold.
#pragma once

#include <string>
#include <string_view>

#include "config/pool_file.hpp"
#include "store/hold_record.hpp"
#include "work/probe_report.hpp"

namespace tidepool {

struct HoldStatus {
  // holding    on the way out, until its servers have left
  // held       away
  // returning  on the way back
  // requeueing its jobs go back to the queue, its nodes to Slurm
  // ended
  std::string word;
  std::string releases;  // what the cloud has back while it is held, in words
  std::string policy;    // what happens at `acts`: "requeue"; empty: nothing
  Time acts{};           // epoch: never
  std::string trouble;   // why the last try failed; empty: none did
};

// Reads the stored probe of the hold's pool, if there is one.
HoldStatus status_of(const PoolFile& pools, const HoldRecord& hold);

// Of one that stepped aside: "stepped aside for request 5; returns when there is room".
std::string reclaimed_in_words(const HoldRecord& hold);

// What a held server's cloud has back, by what Nova does in each mode; where it depends on the
// cloud's settings, on which.
std::string_view released_in(HoldMode mode);
// The same by what was measured on the cloud; empty: that does not say.
std::string released_by(const ProbeReport& report, HoldMode mode);

// The word of `pool list` for a node of a hold in that step; empty: its node's own.
std::string_view node_word(HoldStep step);

}  // namespace tidepool
