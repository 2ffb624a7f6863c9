#include "cloud_watch.hpp"

#include "setup.hpp"

namespace tidepool {
namespace {
constexpr std::chrono::seconds kBetween{5};
}  // namespace

CloudWatch::CloudWatch(const PoolFile& pools)
    : source_{pools.cloud.config, pools.cloud.name, pools.cloud.strict},
      in_use_(read()),
      next_(std::chrono::steady_clock::now() + kBetween) {}

std::optional<CloudSettings> CloudWatch::read() const {
  std::vector<Diagnostic> notes;  // said when they were read in earnest
  auto settings = load_cloud(source_, process_environment(), notes);
  if (!settings) return std::nullopt;
  return std::move(*settings);
}

bool CloudWatch::changed() {
  const auto at = std::chrono::steady_clock::now();
  if (at < next_) return false;
  next_ = at + kBetween;
  const auto fresh = read();
  return fresh && fresh != in_use_;
}

}  // namespace tidepool
