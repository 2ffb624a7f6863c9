// A pool's names as the cloud's ids, looked up once.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/async.hpp"
#include "work/surroundings.hpp"

namespace tidepool {

struct PoolIds {
  std::string flavor, image, network;
};

class PoolIdCache {
 public:
  explicit PoolIdCache(Surroundings& s);
  ~PoolIdCache();
  // Errors name the pool and what is missing: "pool osg: flavor m1.large: …". The nodes of a burst
  // come here together: the first one asks the cloud, the others wait for its answer.
  Task<Result<PoolIds>> get(const Pool& pool);
  // After "no such flavor/image/network": look again next time, here and in the file cache.
  void forget();

 private:
  struct Flight;
  Task<Result<PoolIds>> look_up(const Pool& pool);

  Surroundings& s_;
  std::map<std::string, PoolIds> known_;
  std::map<std::string, std::shared_ptr<Flight>> flights_;
};

}  // namespace tidepool
