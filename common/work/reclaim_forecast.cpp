#include "work/reclaim_forecast.hpp"

#include <limits>

namespace tidepool {

Task<tl::expected<Forecast, LookError>> forecast(Surroundings& s, ReclaimRecord request) {
  using From = LookError::From;
  auto sight = co_await look_for_reclaim(s);
  if (!sight) co_return tl::unexpected(sight.error());
  BalanceSight b;
  b.limits_at = now();
  auto limits = co_await s.cloud.compute().limits();
  if (!limits)
    co_return tl::unexpected(LookError{From::cloud, Error(limits.error()).context("cloud")});
  b.limits = *limits;
  auto requests = s.store.reclaims();
  if (!requests) co_return tl::unexpected(LookError{From::store, requests.error()});
  b.requests = std::move(*requests);
  request.id = std::numeric_limits<std::int64_t>::max();
  b.requests.push_back(request);
  b.holds = sight->hold.holds;
  b.idle = sight->idle;
  b.records = sight->hold.records;
  b.pools = sight->pools;
  b.left_placement = [](const std::string&, const std::string&) { return true; };
  auto books = balance(s.pools, b, now());
  Forecast f;
  f.share = books.shares[request.id];
  f.room = books.room;
  ReclaimNeed need;
  need.missing = f.share.missing;
  need.book = request.book;
  need.partition = request.partition;
  f.choice = choose_for(s.pools, *sight, std::move(need), now());
  co_return f;
}

}  // namespace tidepool
