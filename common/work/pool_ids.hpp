// A pool's names as the cloud's ids, looked up once.
#pragma once

#include <map>
#include <string>

#include "base/async.hpp"
#include "work/surroundings.hpp"

namespace tidepool {

struct PoolIds {
  std::string flavor, image, network;
};

class PoolIdCache {
 public:
  explicit PoolIdCache(Surroundings& s) : s_(s) {}
  // Errors name the pool and what is missing: "pool osg: flavor m1.large: …".
  Task<Result<PoolIds>> get(const Pool& pool);
  // After "no such flavor/image/network": look again next time, here and in the file cache.
  void forget();

 private:
  Surroundings& s_;
  std::map<std::string, PoolIds> known_;
};

}  // namespace tidepool
