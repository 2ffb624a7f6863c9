#include "work/reclaims.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "base/fault_point.hpp"
#include "work/journal.hpp"
#include "work/reclaim_books.hpp"

namespace tidepool {
namespace {

constexpr Millis kSizesLast{600'000};
constexpr Millis kFresh{1'000};
constexpr Millis kBusy{2'000};  // between two rounds while room is missing

}  // namespace

Reclaims::Reclaims(Surroundings& s, Failures& failures)
    : s_(s), failures_(failures), drop_(s.pools.reclaim, s.store), ready_(!s.pools.reclaim.given) {
  failures_.on_no_room = [this](NodeRecord& record, const Error& error) {
    return found_no_room(record, error);
  };
}

Result<void> Reclaims::load() {
  auto requests = s_.store.reclaims();
  if (!requests) return tl::unexpected(requests.error());
  auto idle = s_.store.idle_nodes();
  if (!idle) return tl::unexpected(idle.error());
  requests_ = std::move(*requests);
  idle_ = std::move(*idle);
  return {};
}

bool Reclaims::waiting_takes_quota() const {
  return std::any_of(holds_.begin(), holds_.end(), [&](const HoldRecord& h) {
    return h.active() && h.reclaim != 0 && h.outcome.empty() &&
           !needed_to_return(s_.pools, sizes_, h).none();
  });
}

bool Reclaims::limits_needed() const {
  if (limits_wanted_ || waiting_takes_quota()) return true;
  if (std::any_of(requests_.begin(), requests_.end(),
                  [](const auto& r) { return r.book == Book::quota; }))
    return true;
  return s_.pools.reclaim.headroom.given() && now() >= headroom_next_;
}

Millis Reclaims::rhythm() const {
  if (again_ || wants_round()) return Millis(200);
  const auto& rules = s_.pools.reclaim;
  Millis wait(3'600'000);
  for (const auto& r : requests_) {
    if (r.step != ReclaimStep::free || r.kind != ReclaimKind::request) return kBusy;
    wait = std::min(wait, std::max(kBusy, std::min(rules.poll, r.step_since + r.keep - now())));
  }
  if (!idle_.empty()) return kBusy;
  const bool waits = std::any_of(holds_.begin(), holds_.end(),
                                 [](const HoldRecord& h) { return h.active() && h.reclaim != 0; });
  if (rules.headroom.given() || waits) wait = std::min(wait, rules.poll);
  if (waits && room_since_ != Time{})
    wait = std::min(wait, std::max(Millis(1'000), room_since_ + rules.settle - now()));
  if (drop_.given()) wait = std::min(wait, DropFolder::kEvery);
  return wait;
}

Task<Result<void>> Reclaims::read_cloud() {
  if (sizes_.empty() || now() - sizes_at_ > kSizesLast) {
    auto sizes = co_await pool_sizes(s_);
    if (!sizes) co_return tl::unexpected(sizes.error());
    sizes_ = std::move(*sizes);
    sizes_at_ = now();
  }
  if (!limits_needed()) {
    limits_ = {};
    limits_at_ = now();
    limits_known_ = false;
    co_return Result<void>{};
  }
  // Hooks in a burst wake this often: their room is looked at once a second.
  if (limits_known_ && !limits_wanted_ && now() - limits_at_ < kFresh) co_return Result<void>{};
  std::vector<std::string> counted;
  for (const auto& [name, _] : granted_) {
    auto record = s_.store.node(name);
    if (!record) co_return tl::unexpected(record.error());
    const bool waits = *record && (*record)->wanted == Wanted::present && !(*record)->failure &&
                       (*record)->server_id.empty();
    if (!waits) counted.push_back(name);
  }
  const Time began = now();
  auto permit = co_await s_.limiter.acquire();
  const auto asked = std::chrono::steady_clock::now();
  auto limits = co_await s_.cloud.compute().limits();
  permit.done(asked, limits ? nullptr : &limits.error());
  if (!limits) co_return fail(Error(limits.error()).context("quota"));
  limits_ = *limits;
  limits_at_ = began;
  limits_known_ = true;
  headroom_next_ = now() + s_.pools.reclaim.poll;
  // Whoever wanted to know looks again.
  changed_ = changed_ || limits_wanted_;
  limits_wanted_ = false;
  for (const auto& name : counted) granted_.erase(name);
  co_return Result<void>{};
}

Result<void> Reclaims::weigh() {
  auto records = s_.store.nodes();
  if (!records) return tl::unexpected(records.error());
  records_ = std::move(*records);
  BalanceSight sight;
  sight.requests = requests_;
  sight.holds = holds_;
  sight.idle = idle_;
  sight.records = records_;
  sight.pools = sizes_;
  sight.limits = limits_;
  sight.limits_at = limits_at_;
  sight.left_placement = [this](const std::string&, const std::string& server) {
    return left_placement_.contains(server);
  };
  balance_ = balance(s_.pools, sight, now());
  return {};
}

// All that has to be asked of others. Requests may come meanwhile: nothing is decided here.
Task<Result<void>> Reclaims::see() {
  if (auto done = co_await read_cloud(); !done) co_return done;
  if (auto done = co_await verify(); !done) co_return done;
  if (auto done = co_await move_idle(); !done) co_return done;
  for (auto& r : requests_)
    if (auto done = fill_in(r); !done) co_return done;
  if (auto done = weigh(); !done) co_return done;
  const bool takes = std::any_of(requests_.begin(), requests_.end(),
                                 [this](const auto& r) { return takes_now(r); });
  if (!takes) co_return Result<void>{};
  auto sight = co_await look_for_reclaim(s_);
  if (!sight) co_return fail(Error(sight.error().error));
  sight_ = std::move(*sight);
  co_return Result<void>{};
}

Task<Result<void>> Reclaims::round() {
  again_ = false;
  sight_.reset();
  if (auto done = drop_.take_in(); !done) co_return done;
  if (auto done = load(); !done) co_return done;
  if (auto done = read_holds(); !done) co_return done;
  const bool waits =
      std::any_of(holds_.begin(), holds_.end(), [](const HoldRecord& h) { return h.reclaim != 0; });
  const bool headroom = s_.pools.reclaim.headroom.given() && now() >= headroom_next_;
  if (!any() && !waits && !headroom && !limits_wanted_) {
    changed_ = changed_ || !ready_;
    ready_ = true;
    co_return drop_.answer();
  }
  fault_point("reclaims.round.before");
  if (auto done = co_await see(); !done) co_return done;
  // From here on without a pause: what is decided is what is in the store now.
  if (auto done = load(); !done) co_return done;
  if (auto done = read_holds(); !done) co_return done;
  for (auto& r : requests_)
    if (auto done = fill_in(r); !done) co_return done;
  if (auto done = weigh(); !done) co_return done;
  if (auto done = look_at_headroom(); !done) co_return done;
  if (auto done = settle(); !done) co_return done;
  if (auto done = take(); !done) co_return done;
  if (auto done = bring_back(); !done) co_return done;
  if (auto done = drop_.answer(); !done) co_return done;
  changed_ = changed_ || !ready_;
  ready_ = true;
  co_return load();
}

Result<void> Reclaims::read_holds() {
  auto holds = s_.store.holds();
  if (!holds) return tl::unexpected(holds.error());
  holds_ = std::move(*holds);
  for (const auto& r : requests_) {
    auto own = s_.store.holds_for(r.id);
    if (!own) return tl::unexpected(own.error());
    for (auto& h : *own)
      if (!h.active()) holds_.push_back(std::move(h));
  }
  return {};
}

}  // namespace tidepool
