// Who steps aside for a request.
#include <fmt/format.h>
#include <algorithm>

#include "base/fault_point.hpp"
#include "work/journal.hpp"
#include "work/reclaim_books.hpp"
#include "work/reclaims.hpp"

namespace tidepool {
namespace {

constexpr Millis kChooseAgain{5'000};  // when nobody was found
constexpr int kMostChoices = 5;        // in one round, each without those that were refused
constexpr std::size_t kMostNamed = 8;

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size() && i < kMostNamed; ++i)
    text += (i == 0 ? "" : ", ") + words[i];
  if (words.size() > kMostNamed) text += fmt::format(" and {} more", words.size() - kMostNamed);
  return text;
}

}  // namespace

// Jobs that have been asked already for this request, without success.
Result<std::map<std::int64_t, std::string>> Reclaims::tried(const ReclaimRecord& r) const {
  std::map<std::int64_t, std::string> all;
  if (const auto it = refused_.find(r.id); it != refused_.end()) all = it->second;
  for (const auto& h : holds_) {
    if (h.reclaim != r.id || h.active()) continue;
    const bool person = h.outcome.starts_with("released") && h.want_by != kByReturn;
    if (!person && !h.outcome.starts_with("refused")) continue;
    for (const auto& job : h.jobs)
      all[job.id] = person ? fmt::format("hold {} of it was released by {}", h.id, h.want_by)
                           : fmt::format("hold {} of it was {}", h.id, h.outcome);
  }
  return all;
}

// false: it could not be; why is remembered.
Result<bool> Reclaims::hold(ReclaimRecord& r, const ReclaimWay& way,
                            const node::Candidate& candidate) {
  HoldRequest request;
  request.jobs = way.jobs;
  request.modes = way.modes;
  request.max_held = way.max_held;
  request.all_jobs = true;  // they are all its own
  request.by = kByReclaim;
  auto plan = plan_holds(s_.pools, request, sight_->hold, now());
  if (!plan.refusals.empty() || plan.holds.empty()) {
    const std::string why =
        plan.refusals.empty() ? std::string("there is nothing to hold") : plan.refusals.front();
    for (const auto job : candidate.jobs) refused_[r.id][job] = why;
    return false;
  }
  for (auto& h : plan.holds) {
    h.reclaim = r.id;
    h.class_name = way.class_name;
    auto id = s_.store.add_hold(h);
    if (!id && id.error().kind != ErrorKind::conflict) return tl::unexpected(id.error());
    if (!id) {
      for (const auto job : candidate.jobs) refused_[r.id][job] = id.error().message;
      return false;
    }
    h.id = *id;
    h.want_since = now();
    fault_point("reclaims.take.hold");
    changed_ = true;
    sight_->hold.holds.push_back(h);
    holds_.push_back(h);
  }
  return true;
}

// What was really begun. Idle nodes are written down one by one, and drained with the next round.
Result<Amount> Reclaims::carry_out(ReclaimRecord& r, const ReclaimChoice& choice,
                                   std::vector<std::string>& taken) {
  Amount begun;
  const auto& candidates = choice.candidates;
  for (const auto i : choice.victims.taken) {
    const auto& candidate = candidates.all[i];
    if (candidate.jobs.empty()) {
      const ReclaimNode idle{r.id, candidate.nodes.front(), now()};
      auto mine = s_.store.take_idle_node(idle);
      if (!mine) return tl::unexpected(mine.error());
      sight_->idle.push_back(idle);
      if (!*mine) continue;
      idle_.push_back(idle);
      fault_point("reclaims.take.idle");
      again_ = true;
    } else {
      auto held = hold(r, candidates.ways[i], candidate);
      if (!held) return tl::unexpected(held.error());
      if (!*held) continue;
    }
    begun += candidate.frees;
    taken.push_back(candidate.jobs.empty()
                        ? candidate_in_words(candidate)
                        : fmt::format("{} by {}", candidate_in_words(candidate),
                                      format_hold_modes(candidates.ways[i].modes)));
  }
  return begun;
}

Result<void> Reclaims::take_for(ReclaimRecord& r) {
  fault_point("reclaims.take.before");
  ReclaimNeed need;
  need.missing = balance_.shares[r.id].missing;
  need.book = r.book;
  need.partition = r.partition;
  std::vector<std::string> taken, left_out;
  for (int i = 0; i < kMostChoices && !need.missing.none(); ++i) {
    auto refused = tried(r);
    if (!refused) return tl::unexpected(refused.error());
    need.refused = std::move(*refused);
    auto choice = choose_for(s_.pools, *sight_, need, now());
    left_out.clear();
    for (const auto& one : choice.victims.left_out)
      left_out.push_back(
          fmt::format("{} ({})", candidate_in_words(choice.candidates.all[one.index]), one.why));
    // A node with half of its room is no node.
    if (choice.victims.taken.empty() || (!choice.victims.enough && r.kind == ReclaimKind::node))
      break;
    auto begun = carry_out(r, choice, taken);
    if (!begun) return tl::unexpected(begun.error());
    need.missing = missing_of(need.missing, *begun);
    if (*begun == choice.victims.frees) break;
  }
  choose_next_[r.id] = now() + kChooseAgain;
  std::string words;
  if (!taken.empty()) words = "steps aside: " + joined(taken);
  if (!need.missing.none())
    words += fmt::format("{}not enough: {} more needed", words.empty() ? "" : "; ",
                         to_string(need.missing));
  if (!left_out.empty()) words += "; left out: " + joined(left_out);
  if (!taken.empty()) event(r, LogLevel::info, "takes", words);
  return remark(r, words);
}

bool Reclaims::takes_now(const ReclaimRecord& r) const {
  if (r.step != ReclaimStep::open || !r.cancelled.empty()) return false;
  if (const auto share = balance_.shares.find(r.id);
      share == balance_.shares.end() || share->second.missing.none())
    return false;
  const auto next = choose_next_.find(r.id);
  return next == choose_next_.end() || now() >= next->second;
}

// Where a job's nodes come all or not at all, nobody steps aside for some of them.
Result<bool> Reclaims::enough_for_its_job(const ReclaimRecord& r) {
  const Pool* pool = s_.pools.find(r.by).pool;
  if (r.kind != ReclaimKind::node || pool == nullptr || !pool->policy.all_or_nothing) return true;
  auto jobs = s_.store.jobs_of(r.by);
  if (!jobs) return tl::unexpected(jobs.error());
  ReclaimNeed need;
  need.book = r.book;
  for (const auto& other : requests_) {
    const bool mate = std::any_of(jobs->begin(), jobs->end(), [&](const JobNodes& job) {
      return std::find(job.nodes.begin(), job.nodes.end(), other.by) != job.nodes.end();
    });
    if (other.id == r.id || (mate && other.kind == ReclaimKind::node &&
                             other.step == ReclaimStep::open && other.book == r.book))
      need.missing += balance_.shares[other.id].missing;
  }
  auto refused = tried(r);
  if (!refused) return tl::unexpected(refused.error());
  need.refused = std::move(*refused);
  return choose_for(s_.pools, *sight_, std::move(need), now()).victims.enough;
}

Result<void> Reclaims::take() {
  if (!sight_) return {};
  std::vector<std::int64_t> ids;
  for (const auto* r : in_order(requests_)) ids.push_back(r->id);
  for (const auto id : ids) {
    const auto r = std::find_if(requests_.begin(), requests_.end(),
                                [&](const ReclaimRecord& one) { return one.id == id; });
    if (!takes_now(*r)) continue;
    auto enough = enough_for_its_job(*r);
    if (!enough) return tl::unexpected(enough.error());
    if (!*enough) {
      choose_next_[id] = now() + kChooseAgain;
      if (auto done = remark(*r, "not enough can step aside for all nodes of its job"); !done)
        return done;
      continue;
    }
    if (auto done = take_for(*r); !done) return done;
  }
  return {};
}

}  // namespace tidepool
