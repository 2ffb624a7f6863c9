// Carries an apply out, step by step (apply_record.hpp), or back. While something is changed the
// worker rests, so that nothing else tells slurmctld or the cloud anything; while it is proven the
// worker works: held nodes whose stand-in is down live only as long as it refreshes them.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/async.hpp"
#include "slurm/controller.hpp"
#include "store/store.hpp"
#include "work/apply_plan.hpp"
#include "work/apply_record.hpp"

namespace tidepool {

struct ApplyTools {
  Store& store;
  slurm::Controller& controller;
  std::filesystem::path state_dir{};
  std::vector<std::string> restart{};     // argv; empty: systemctl restart slurmctld
  std::filesystem::path slurmctld_log{};  // empty or not readable: not looked at
  Millis forgets{300'000};                // MinJobAge; 0: never
  std::function<void(bool)>
      own_rights{};  // true: those that apply was started with; false: the store's
  std::function<void(const std::string&)> say{};  // progress, a line each
  // true: the worker rests when it returns; false: it may work. Asked before each step.
  std::function<Result<void>(bool)> rest{};
  Millis come_up{120'000};  // slurmctld, after a restart
  Millis drain_limit{86'400'000};
};

struct ApplyOutcome {
  bool applied = false;            // false: everything is as before
  std::string why;                 // it was undone
  std::vector<std::string> notes;  // what did not go as it should, or is left
};

Task<Result<ClusterPicture>> look_at_cluster(Store& store, slurm::Controller& controller,
                                             std::vector<std::string> nodes);

class Apply {
 public:
  Apply(ApplyTools tools, ApplyRecord record)
      : tools_(std::move(tools)), record_(std::move(record)) {}

  // Step draining: until the nodes of record.empty are free. An Error: they did not become so; the
  // nodes are as before, and the apply has ended. The worker must be able to work.
  Task<Result<void>> drain();
  // Notes what slurmctld says now: queue, addresses, nodes that answer; then the first change may
  // come.
  Result<void> remember(const ClusterPicture& picture);
  // To the end, or all the way back. An Error: neither could be finished (store, slurmctld that
  // does not come up with its old file): the record stays, and the next apply goes on.
  Task<Result<ApplyOutcome>> run();
  // From here on back. Durable when it returns.
  Result<void> turn_back(std::string why);

  const ApplyRecord& record() const { return record_; }

 private:
  Task<Result<void>> step();
  Result<void> take_rest();
  Task<Result<void>> empty_fresh();
  Result<void> install();
  Result<void> install(const ApplyFile& file);
  Task<Result<void>> tell();
  Task<Result<void>> restart();
  Task<Result<void>> answer();
  Task<Result<void>> address();
  Task<Result<void>> create();
  Task<Result<void>> push();
  Task<Result<void>> prove();
  Task<Result<void>> finish();
  Task<Result<void>> undrain();
  Result<void> note_away();
  Result<void> note_moved();
  void follow_log();
  // Nodes of which slurmctld's log says so, but those that the worker brings up to date.
  std::vector<std::string> different_conf() const;
  Task<std::vector<std::string>> silent_nodes();
  void fault(const char* when) const;

  ApplyTools tools_;
  ApplyRecord record_;
  ApplyOutcome outcome_;
  std::uintmax_t log_from_ = 0;
  Time pushed_{};
  bool worked_ = true;            // the worker may have, since remember()
  std::set<std::int64_t> moved_;  // jobs that it may have requeued, resumed or ended
};

}  // namespace tidepool
