// Does the stand-in answer? slurmctld notices a dead one so late that nodes are DOWN at once.
#pragma once

#include "base/async.hpp"
#include "work/surroundings.hpp"

namespace tidepool {

class StandinWatch {
 public:
  explicit StandinWatch(Surroundings& s) : s_(s) {}

  static constexpr Millis kEvery{3'000};

  // Connects to its port, at most once per kEvery; says so when it stops answering, once a minute
  // while it does not, and when it answers again.
  Task<void> check();
  bool answers() const { return trouble_.empty(); }
  // Why it cannot be used; empty: it answers.
  const std::string& trouble() const { return trouble_; }

 private:
  Surroundings& s_;
  std::string trouble_ = "the stand-in has not been looked at yet";
  bool known_ = false;
  Time next_{};
  Time said_{};
};

}  // namespace tidepool
