#include "work/pool_ids.hpp"

#include <fmt/format.h>

namespace tidepool {

Task<Result<PoolIds>> PoolIdCache::get(const Pool& pool) {
  if (const auto it = known_.find(pool.name); it != known_.end()) co_return it->second;
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
  known_[pool.name] = ids;
  co_return ids;
}

void PoolIdCache::forget() {
  known_.clear();
  s_.cloud.session().forget_ids();
}

}  // namespace tidepool
