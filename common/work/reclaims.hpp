// The reclaims' part of the worker: whoever needs room gets it, by holds that the worker's Holds
// carry out, and who stepped aside comes back. Level-triggered: each round computes from the store,
// the quota, the holds and slurmctld what is missing, and takes victims for exactly that.
//
// reclaims.cpp has the round; reclaim_requests.cpp how requests come and end; reclaim_take.cpp who
// steps aside; reclaim_idle.cpp idle nodes; reclaim_verify.cpp what the books show;
// reclaim_return.cpp who comes back; reclaim_creates.cpp what this means for nodes to be made.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/async.hpp"
#include "work/drop_folder.hpp"
#include "work/failures.hpp"
#include "work/inventory.hpp"
#include "work/reclaim_balance.hpp"
#include "work/reclaim_candidates.hpp"
#include "work/surroundings.hpp"

namespace tidepool {

class Reclaims {
 public:
  Reclaims(Surroundings& s, Failures& failures);

  // Reads the store's requests again.
  Result<void> load();
  // A request goes on, or an idle node is on its way: there is something to do.
  bool any() const { return !requests_.empty() || !idle_.empty(); }
  void seen(std::shared_ptr<const Inventory> inventory) { inventory_ = std::move(inventory); }
  // One round. Errors are slurmctld's, the cloud's or the store's; the next one begins anew.
  Task<Result<void>> round();
  // Until the next round is due.
  Millis rhythm() const;
  // True once after a round that changed what nodes or holds may do.
  bool take_changed() { return std::exchange(changed_, false); }

  // ---- nodes
  // Its server is not asked for until there is room.
  bool waits_for_room(const NodeRecord& record) const;
  // An opportunistic node would take room that is kept for others: why. Empty: it may be made;
  // nullopt: not known yet, a round finds out.
  std::optional<std::string> kept_from(const NodeRecord& record);
  // True once after a request that came from a node: the next round is due.
  bool take_woken() { return std::exchange(woken_, false); }
  bool wants_round() const { return limits_wanted_ || !ready_; }

 private:
  // ---- reclaims.cpp
  Task<Result<void>> read_cloud();
  Task<Result<void>> see();
  Result<void> weigh();
  Result<void> read_holds();
  bool limits_needed() const;
  bool waiting_takes_quota() const;

  // ---- reclaim_requests.cpp
  Result<bool> found_no_room(NodeRecord& record, const Error& error);
  Result<void> fill_in(ReclaimRecord& r);
  Result<void> look_at_headroom();
  Result<void> settle();
  Result<void> settle_node(ReclaimRecord& r);
  Result<void> settle_other(ReclaimRecord& r);
  Result<void> end(ReclaimRecord& r, ReclaimStep step, std::string why);
  Result<void> remark(ReclaimRecord& r, std::string words);
  std::string in_the_way(const ReclaimRecord& r) const;
  void event(const ReclaimRecord& r, LogLevel level, const std::string& what,
             const std::string& detail);

  // ---- reclaim_take.cpp
  Result<void> take();
  Result<void> take_for(ReclaimRecord& r);
  bool takes_now(const ReclaimRecord& r) const;
  Result<bool> enough_for_its_job(const ReclaimRecord& r);
  Result<std::map<std::int64_t, std::string>> tried(const ReclaimRecord& r) const;
  Result<Amount> carry_out(ReclaimRecord& r, const ReclaimChoice& choice,
                           std::vector<std::string>& taken);
  Result<bool> hold(ReclaimRecord& r, const ReclaimWay& way, const node::Candidate& candidate);

  // ---- reclaim_idle.cpp
  Task<Result<void>> move_idle();
  Task<Result<void>> move_idle_node(ReclaimNode& n, const slurm::NodeInfo& info);
  Result<bool> idle_is_over(const ReclaimNode& n) const;

  // ---- reclaim_verify.cpp
  Task<Result<void>> verify();
  bool offloaded(const std::string& node, const std::string& server_id) const;

  // ---- reclaim_return.cpp
  Result<void> bring_back();
  std::vector<node::HeldBack> who_waits() const;

  Surroundings& s_;
  Failures& failures_;
  DropFolder drop_;
  std::shared_ptr<const Inventory> inventory_;
  std::vector<ReclaimRecord> requests_;  // that go on
  std::vector<ReclaimNode> idle_;
  std::vector<HoldRecord> holds_;  // that go on, and all for the requests
  std::vector<NodeRecord> records_;
  std::map<std::string, PoolSize> sizes_;
  Time sizes_at_{};
  openstack::Limits limits_;
  Time limits_at_{};
  bool limits_known_ = false;  // limits_ are the cloud's
  bool limits_wanted_ = false;
  bool ready_;  // a round has been made; where nothing is asked for, none is needed
  Balance balance_;
  std::optional<ReclaimSight> sight_;  // of this round
  bool changed_ = false;
  bool woken_ = false;
  bool again_ = false;  // at once: something has changed since the books were read

  // What a worker knows besides the store; a new one begins without.
  Time room_since_{};
  Time headroom_next_{};
  std::map<std::string, Amount> granted_;     // nodes let through that limits_ may not count yet
  std::set<std::string> left_placement_;      // servers
  bool placement_hidden_ = false;             // forbidden to us: Nova's state says it
  std::map<std::int64_t, Time> choose_next_;  // by request
  std::map<std::int64_t, std::map<std::int64_t, std::string>> refused_;  // request, job: why
};

}  // namespace tidepool
