// CloudWatch: has clouds.yaml been changed under a running worker? Passwords and application
// credentials end, and are replaced without a thought of who still uses the old ones.
#pragma once

#include <chrono>

#include "config/cloud_settings.hpp"
#include "config/pool_file.hpp"

namespace tidepool {

class CloudWatch {
 public:
  explicit CloudWatch(const PoolFile& pools);
  // Looks every few seconds, whoever asks in between. Settings that cannot be read, or not yet, are
  // no change: what is in use may still work.
  bool changed();

 private:
  std::optional<CloudSettings> read() const;
  CloudSource source_;
  std::optional<CloudSettings> in_use_;
  std::chrono::steady_clock::time_point next_;
};

}  // namespace tidepool
