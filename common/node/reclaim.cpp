#include "node/reclaim.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <numeric>
#include <tuple>

namespace tidepool::node {
namespace {

Amount least(const Amount& a, const Amount& b) {
  return {std::min(a.instances, b.instances), std::min(a.cores, b.cores),
          std::min(a.ram_mib, b.ram_mib)};
}

// What is left of `need`; never below nothing.
Amount missing(const Amount& need, const Amount& got) {
  const auto left = [](std::int64_t n, std::int64_t g) { return std::max<std::int64_t>(n - g, 0); };
  return {left(need.instances, got.instances), left(need.cores, got.cores),
          left(need.ram_mib, got.ram_mib)};
}

bool helps(const Amount& frees, const Amount& lacks) {
  return (lacks.instances > 0 && frees.instances > 0) || (lacks.cores > 0 && frees.cores > 0) ||
         (lacks.ram_mib > 0 && frees.ram_mib > 0);
}

std::string why_not_now(const Candidate& c, const Amount& need) {
  if (!c.why_not.empty()) return c.why_not;
  if (!helps(c.frees, need)) return "frees nothing of what is asked for";
  if (c.jobs.empty()) return {};
  if (c.ran < c.min_run)
    return fmt::format("{} {} ago; min_run is {}", c.holds > 0 ? "came back" : "started",
                       rough_duration(c.ran), rough_duration(c.min_run));
  if (c.max_holds > 0 && c.holds >= c.max_holds)
    return fmt::format("has stepped aside {} times; max_holds is {}", c.holds, c.max_holds);
  return {};
}

// The work at stake for each core (or, when no cores are asked for, GiB, or instance) that is
// asked for: what it frees beyond the need is worth nothing.
double stake_per_core(const Candidate& c, const Amount& need) {
  const Amount useful = least(c.frees, need);
  double share = static_cast<double>(useful.cores);
  if (need.cores <= 0)
    share = need.ram_mib > 0 ? static_cast<double>(useful.ram_mib) / 1024
                             : static_cast<double>(useful.instances);
  constexpr double kNone = 1.0 / 1024;  // it frees none of those, but another that is asked for
  return static_cast<double>(c.at_stake) / std::max(share, kNone);
}

// What is taken before everything of the next tier.
using Tier = std::tuple<bool, bool, int>;
Tier tier(const Candidate& c) {
  return {!c.jobs.empty(), c.loses_work, c.jobs.empty() ? 0 : c.priority};
}

struct Ranked {
  Tier tier;
  double stake;
  int holds;
  std::size_t index;
};

class Choice {
 public:
  Choice(const Amount& need, const std::vector<Candidate>& all) : need_(need), all_(all) {}

  Victims make() {
    rank();
    const auto later = [this](const Ranked& a, const Ranked& b) { return before(b, a); };
    // A heap: mostly a few of many are taken.
    std::make_heap(ranked_.begin(), ranked_.end(), later);
    Amount lacks = missing(need_, {});
    while (!lacks.none() && !ranked_.empty()) {
      std::pop_heap(ranked_.begin(), ranked_.end(), later);
      Ranked next = ranked_.back();
      ranked_.pop_back();
      if (!helps(all_[next.index].frees, lacks)) continue;
      if (all_[next.index].frees.covers(lacks)) next = best_last(next, lacks);
      out_.taken.push_back(next.index);
      out_.frees += all_[next.index].frees;
      lacks = missing(need_, out_.frees);
    }
    drop_superfluous();
    out_.enough = missing(need_, out_.frees).none();
    return std::move(out_);
  }

 private:
  void rank() {
    ranked_.reserve(all_.size());
    for (std::size_t i = 0; i < all_.size(); ++i) {
      if (auto why = why_not_now(all_[i], need_); !why.empty())
        out_.left_out.push_back({i, std::move(why)});
      else
        ranked_.push_back({tier(all_[i]), stake_per_core(all_[i], need_), all_[i].holds, i});
    }
  }

  bool before(const Ranked& a, const Ranked& b) const {
    if (a.tier != b.tier) return a.tier < b.tier;
    if (a.stake != b.stake) return a.stake < b.stake;
    if (a.holds != b.holds) return a.holds < b.holds;
    const Candidate& x = all_[a.index];
    const Candidate& y = all_[b.index];
    if (x.jobs != y.jobs) return x.jobs < y.jobs;
    if (x.nodes != y.nodes) return x.nodes < y.nodes;
    return a.index < b.index;
  }

  // `next` covers what is lacking: of its tier, the one that does so with the least at stake in
  // all, then with the least beyond it.
  Ranked best_last(const Ranked& next, const Amount& lacks) const {
    Ranked best = next;
    const auto beyond = [&](const Ranked& r) {
      const Candidate& c = all_[r.index];
      const Amount over = missing(c.frees, lacks);
      return std::tuple(c.at_stake, r.holds, over.cores, over.ram_mib, over.instances);
    };
    for (const auto& r : ranked_) {
      if (r.tier != next.tier || !all_[r.index].frees.covers(lacks)) continue;
      const auto a = beyond(r), b = beyond(best);
      if (a < b || (a == b && before(r, best))) best = r;
    }
    return best;
  }

  // From the worst: a large victim at the end may make smaller ones before it needless.
  void drop_superfluous() {
    const Amount reached = least(missing(need_, {}), out_.frees);
    for (std::size_t i = out_.taken.size(); i-- > 0;) {
      const Amount without = out_.frees - all_[out_.taken[i]].frees;
      if (!without.covers(reached)) continue;
      out_.frees = without;
      out_.taken.erase(out_.taken.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }

  Amount need_;
  const std::vector<Candidate>& all_;
  std::vector<Ranked> ranked_;
  Victims out_;
};

bool fits(const Amount& needs, const Amount& room) {
  return (needs.instances <= 0 || needs.instances <= room.instances) &&
         (needs.cores <= 0 || needs.cores <= room.cores) &&
         (needs.ram_mib <= 0 || needs.ram_mib <= room.ram_mib);
}

bool sooner(const HeldBack& a, const HeldBack& b) {
  return std::tuple(a.held_since, -a.priority, a.hold) <
         std::tuple(b.held_since, -b.priority, b.hold);
}

}  // namespace

Victims choose_victims(const Amount& need, const std::vector<Candidate>& candidates) {
  return Choice(need, candidates).make();
}

std::vector<std::int64_t> choose_returns(std::vector<HeldBack> held, const ReturnRoom& given,
                                         Time at) {
  if (given.quiet || given.since == Time{} || given.since > at || at - given.since < given.settle)
    return {};
  std::sort(held.begin(), held.end(), sooner);
  std::vector<std::int64_t> back;
  Amount room = given.room;
  bool blocked = false;
  for (const auto& one : held) {
    if (static_cast<int>(back.size()) >= given.most) break;
    if (one.not_before > at) continue;
    if (!one.needs.none()) {
      blocked = blocked || !fits(one.needs, room);
      if (blocked) continue;
      room -= one.needs;
    }
    back.push_back(one.hold);
  }
  return back;
}

Time room_since(Time before, const std::vector<HeldBack>& held, const Amount& room, Time at) {
  const HeldBack* first = nullptr;
  const auto ready = [at](const HeldBack& one) { return one.not_before <= at; };
  for (const auto& one : held) {
    if (first == nullptr || (ready(one) && !ready(*first)) ||
        (ready(one) == ready(*first) && sooner(one, *first)))
      first = &one;
  }
  if (first == nullptr || !fits(first->needs, room)) return Time{};
  return before == Time{} ? at : before;
}

}  // namespace tidepool::node
