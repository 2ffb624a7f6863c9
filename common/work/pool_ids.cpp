#include "work/pool_ids.hpp"

#include <fmt/format.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tidepool {

using boost::asio::steady_timer;

struct PoolIdCache::Flight {
  explicit Flight(boost::asio::io_context& context)
      : done(context, steady_timer::time_point::max()) {}
  steady_timer done;
  Result<PoolIds> result = fail(ErrorKind::internal, "the look-up did not end");
};

PoolIdCache::PoolIdCache(Surroundings& s) : s_(s) {}
PoolIdCache::~PoolIdCache() = default;

Task<Result<PoolIds>> PoolIdCache::get(const Pool& pool) {
  if (const auto it = known_.find(pool.name); it != known_.end()) co_return it->second;
  if (const auto it = flights_.find(pool.name); it != flights_.end()) {
    const auto flight = it->second;
    boost::system::error_code ignored;  // it is cancelled when the answer is there
    co_await flight->done.async_wait(
        boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
    co_return flight->result;
  }
  const auto flight = std::make_shared<Flight>(s_.context);
  flights_[pool.name] = flight;
  flight->result = co_await look_up(pool);
  if (flight->result) known_[pool.name] = *flight->result;
  flights_.erase(pool.name);
  flight->done.cancel();
  co_return flight->result;
}

Task<Result<PoolIds>> PoolIdCache::look_up(const Pool& pool) {
  const auto missing = [&](const char* what, const std::string& name, const Error& error) {
    Error e = error;
    if (e.kind == ErrorKind::not_found) e.kind = ErrorKind::bad_request;
    return fail(std::move(e).context(fmt::format("pool {}: {} {}", pool.name, what, name)));
  };
  PoolIds ids;
  auto flavor = co_await s_.cloud.compute().find_flavor(pool.flavor);
  if (!flavor) co_return missing("flavor", pool.flavor, flavor.error());
  ids.flavor = flavor->id;
  auto image = co_await s_.cloud.image().find_image(pool.image);
  if (!image) co_return missing("image", pool.image, image.error());
  ids.image = image->id;
  auto network = co_await s_.cloud.network().find_network(pool.network);
  if (!network) co_return missing("network", pool.network, network.error());
  ids.network = network->id;
  co_return ids;
}

void PoolIdCache::forget() {
  known_.clear();
  s_.cloud.session().forget_ids();
}

}  // namespace tidepool
