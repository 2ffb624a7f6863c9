// The release of Slurm that is installed: "slurm 22.05.8" -> 22.05.
#pragma once

#include <compare>
#include <string_view>

#include "base/result.hpp"

namespace tidepool {

struct SlurmVersion {
  int major = 22;
  int minor = 5;
  auto operator<=>(const SlurmVersion&) const = default;
  // "22.05.8", "24.11", or what `scontrol --version` prints ("slurm-wlm 22.05.8").
  static Result<SlurmVersion> parse(std::string_view text);
};

// What changes behaviour that tidepool depends on.
inline constexpr SlurmVersion kSuspendExcStates{23, 2};  // SuspendExcStates exists
inline constexpr SlurmVersion kCloudRegAddrs{23, 11};    // cloud_reg_addrs is the default
// From the first of these on slurmctld forgets at a dynamic node's deletion that its place in the
// node table may be shared, and until the second does not say so again for the next node there:
// jobs find it busy until a reconfigure. (share_node_bitmap in its node_mgr.c)
inline constexpr SlurmVersion kDeletedPlaces{23, 2}, kDeletedPlacesWork{26, 5};
inline constexpr SlurmVersion kConsTres{23, 11};            // select/cons_tres is the default
inline constexpr SlurmVersion kRequeueOnResumeFail{25, 5};  // requeue_on_resume_failure exists

}  // namespace tidepool
