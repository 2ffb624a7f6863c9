// The holds' part of the worker: carries each hold from step to step (node/hold_table.hpp),
// recorded before its first request, so that whoever comes next begins that step again. slurmctld
// is asked once a round for all holds and told in batches; the cloud is asked by the worker's own
// listing.
//
// One file per stretch of the way: hold_out.cpp, hold_leave.cpp, hold_rest.cpp, hold_back.cpp,
// hold_end.cpp; holds.cpp has what they share.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/async.hpp"
#include "node/hold_table.hpp"
#include "work/actions.hpp"
#include "work/hold_facts.hpp"
#include "work/inventory.hpp"
#include "work/standin_watch.hpp"
#include "work/surroundings.hpp"

namespace tidepool {

class Holds {
 public:
  Holds(Surroundings& s, Actions& actions) : s_(s), actions_(actions), standin_(s) {}

  // Reads the store's holds again.
  Result<void> load();
  bool any() const { return !holds_.empty(); }
  // Any that stepped aside for a request, and comes back when there is room.
  bool any_reclaimed() const;
  // A hold is on its way: the cloud should be listed in the worker's quick rhythm.
  bool restless() const;
  // Nodes that only a hold may act upon, whatever is wanted of them otherwise.
  bool owns(const std::string& node) const { return owned_.contains(node); }
  const std::set<std::string>& nodes() const { return owned_; }

  // The worker's latest listing.
  void seen(std::shared_ptr<const Inventory> inventory);
  // One round: as far as every hold can go now. Errors are slurmctld's or the store's.
  Task<Result<void>> round();
  // Until the next round is due.
  Millis rhythm() const;
  // True once after something that the next listing will tell about.
  bool take_look_wanted() { return std::exchange(look_wanted_, false); }
  bool at_work() const { return !in_flight_.empty(); }
  // Called when a request has ended.
  std::function<void()> on_answer;

 private:
  using Those = std::vector<HoldRecord*>;  // of one step

  // ---- holds.cpp
  Those in(HoldStep step);
  Task<Result<bool>> pass();
  Task<Result<void>> read(bool jobs_too);
  Result<void> advance(HoldRecord& h, HoldStep next);
  // A try that failed: later again. Errors are the store's.
  Result<void> failed_try(HoldRecord& h, const Error& error);
  // The way back, or to the end, with an outcome that people are told.
  Task<Result<void>> turn_back(HoldRecord& h, std::string outcome, HoldStep next);
  Task<Result<void>> refuse(HoldRecord& h, std::string why);
  Task<void> tell_jobs(const HoldRecord& h, std::string note);
  void event(const HoldRecord& h, LogLevel level, const std::string& what,
             const std::string& detail);
  Result<void> end(HoldRecord& h);
  Result<void> settle_want(const std::string& node);
  bool released(const HoldRecord& h) const { return h.wanted == HoldWanted::released; }
  // Does any job of it still belong to it?
  bool has_jobs(const HoldRecord& h) const;
  // Where its way back begins. `halting` comes before `leaving`, and again between two modes.
  HoldStep way_back(const HoldRecord& h) const;
  bool redirected(const HoldRecord& h) const;  // any node's NodeAddr is the stand-in's

  // One server as last seen. `fresh`: after the last thing that was done to it.
  struct Seen {
    const openstack::Server* server = nullptr;
    node::Observed observed = node::Observed::none;
    bool fresh = false;
  };
  Seen look_at(const std::string& node) const;
  void launch(const std::string& node, Task<Result<void>> action);
  // Errors of launched requests since the step began, taken once.
  std::optional<Error> take_failure(const std::string& node);
  void forget_tries(const HoldRecord& h);
  // The server's back-off after `tries` of the step.
  bool may_try(const std::string& node) const;
  void count_try(const std::string& node);
  std::string standin_address() const;

  // ---- hold_out.cpp
  Task<Result<void>> plan(const Those& those);
  Task<Result<void>> drain(const Those& those);
  Task<Result<void>> mark_nodes(const HoldRecord& h);
  Task<Result<void>> halt(const Those& those);
  Task<Result<void>> halt_keeping(HoldRecord& h);
  Task<Result<void>> halt_losing(HoldRecord& h);
  Task<Result<void>> redirect(const Those& those);
  std::string trouble_before(const HoldRecord& h) const;

  // ---- hold_leave.cpp
  Task<Result<void>> leave(const Those& those);
  Task<Result<bool>> leave_node(HoldRecord& h, HoldNode& n);  // true: away
  Task<Result<void>> mode_refused(HoldRecord& h, std::string why, bool hangs);
  Result<void> take_image(HoldRecord& h, HoldNode& n);
  node::SavedImage image_of(const HoldNode& n) const;
  std::string refusal_of(HoldNode& n, const Seen& seen);
  std::string for_whom(const HoldRecord& h) const;
  std::string hanging(const HoldRecord& h, HoldNode& n, const Seen& seen);

  // ---- hold_rest.cpp
  Task<Result<void>> rest(const Those& those);
  std::string memory_lost(const HoldRecord& h);

  // ---- hold_back.cpp
  Task<Result<void>> come_back(const Those& those);
  Task<Result<bool>> come_back_node(HoldRecord& h, HoldNode& n);  // true: here
  Task<Result<bool>> powered_up(HoldRecord& h);
  Task<Result<void>> rejoin(const Those& those);
  Task<Result<bool>> conf_is_new(const Those& those);
  Task<Result<void>> resume(const Those& those);
  Task<Result<void>> undrain(const Those& those);
  Task<void> tell_back(const HoldRecord& h);
  std::string late(const HoldRecord& h) const;
  Result<bool> put_back(HoldRecord& h, const std::string& why);
  bool may_still_hibernate(const HoldRecord& h, const HoldNode& n) const;
  Task<Result<void>> refresh(const std::vector<const HoldRecord*>& those);

  // ---- hold_end.cpp
  Task<Result<void>> requeue(const Those& those);
  Task<Result<void>> discard(const Those& those);
  Task<Result<bool>> servers_gone(HoldRecord& h);
  Task<Result<void>> give_back(HoldRecord& h);
  void drop_images(HoldRecord& h);
  std::string how_ended(const HoldRecord& h) const;

  // ---- hold_watch.cpp
  Task<Result<void>> watch_standin();
  Result<void> show_standin();

  Surroundings& s_;
  Actions& actions_;
  StandinWatch standin_;
  std::vector<HoldRecord> holds_;
  std::set<std::string> owned_;
  HoldFacts facts_;
  std::shared_ptr<const Inventory> inventory_;
  bool look_wanted_ = false;
  bool moved_ = false;    // in this pass
  bool hurry_ = false;    // something is under way: soon again
  bool working_ = false;  // a round runs
  Time refreshed_{};      // by the watchdog

  Time reconfigured_{};  // for nodes that came back with an older slurm.conf

  // What a worker knows besides the store; a new one begins without.
  std::set<std::string> in_flight_;
  std::map<std::string, Time> touched_;  // when the node's last request ended
  std::map<std::string, Error> failures_;
  std::map<std::string, int> tries_;  // requests of this step
  std::map<std::string, Time> next_try_;
  std::map<std::string, std::string> images_;        // begun: not yet in the record
  std::map<std::string, std::string> image_status_;  // by image
  std::set<std::string> answers_;                    // nodes whose slurmd's port answers
  std::map<std::string, Time> missing_since_;  // began() of the first listing without the server
  std::map<std::int64_t, Time> halted_since_;  // all jobs were first seen suspended
  std::map<std::int64_t, Time> rejoined_;      // last refresh while rejoining
};

}  // namespace tidepool
