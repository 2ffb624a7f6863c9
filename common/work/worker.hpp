// The worker: converges wanted and observed until nothing is left to do. One at a time (the lock),
// one thread, many requests in flight. Killed anywhere, the next one goes on.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "base/async.hpp"
#include "work/actions.hpp"
#include "work/failures.hpp"
#include "work/holds.hpp"
#include "work/inventory.hpp"
#include "work/orphans.hpp"
#include "work/pool_ids.hpp"
#include "work/reclaims.hpp"
#include "work/slurm_side.hpp"
#include "work/surroundings.hpp"

namespace tidepool {

// Worker::complain()'s word for it.
inline constexpr const char* kCannotListCloud = "the cloud cannot be listed";

class Worker {
 public:
  explicit Worker(Surroundings& s);

  struct Options {
    bool stay = false;  // a service: keep looking when nothing is left
    // True: end after the requests in flight: `tidepool apply` changes what the worker stands on,
    // or another program waits in this one's place. Asked several times a second.
    std::function<bool()> rest;
  };
  // Returns when nothing is left (never with `stay`, but for stop()). The store's errors are
  // retried; an Error is returned only when the store cannot be read at all.
  Task<Result<void>> run(Options options);
  // True when every node is as wanted and slurmctld has been told all. After the lock has been let
  // go the caller asks once more: a hook that saw the lock held relies on that.
  Result<bool> nothing_left();
  // From a signal handler on the same thread: end after the requests in flight.
  void stop();

 private:
  Task<void> look();  // list the cloud, decide, act
  void decide(const Inventory& inventory, NodeRecord record);
  void list_failed(const std::vector<NodeRecord>& records, const Error& error);
  Result<bool> take_up(NodeRecord& record);  // a fresh want; false: refused
  void observe(NodeRecord& record, const Inventory::View& view);
  void launch(const std::string& node, Task<Result<void>> action);
  void removes(const std::string& node, const std::vector<const openstack::Server*>& servers);
  void server_failed(NodeRecord& record, const openstack::Server& server);
  bool settled(const NodeRecord& record) const;
  Result<bool> all_settled();
  void start_hold_round();
  void wake_holds();
  void start_reclaim_round();
  bool reclaims_wanted() const;
  void create(const NodeRecord& record);
  Task<void> pause(Millis longest);
  void complain(const char* what, const Error& error);

  Surroundings& s_;
  PoolIdCache ids_;
  Failures failures_;
  Actions actions_;
  SlurmSide slurm_;
  Orphans orphans_;
  Holds holds_;
  Reclaims reclaims_;
  boost::asio::steady_timer timer_;
  std::set<std::string> in_flight_;
  std::map<std::string, Time> touched_;  // when the node's last action ended
  Time look_next_{};                     // when to look at the latest
  bool look_soon_ = true;                // something happened: look as soon as allowed
  Time list_not_before_{};               // back-off of the listing itself
  int list_failures_ = 0;
  bool stopping_ = false;
  std::function<bool()> rest_;
  bool slurm_busy_ = false;
  bool holds_busy_ = false;
  bool holds_again_ = false;  // something happened while a round ran
  Time holds_next_{};
  bool reclaims_busy_ = false;
  Time reclaims_next_{};
  Time slurm_next_{};
  Time compare_next_{};  // slurmctld's wants with the store's
  bool compared_ = false;
  std::map<std::string, std::pair<std::string, Time>> complained_;  // by what, when last
};

}  // namespace tidepool
