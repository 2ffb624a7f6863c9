// guest: of a pool.
#include <fmt/format.h>

#include "config/pool_reader.hpp"

namespace tidepool {
namespace {

constexpr int kMostSwapMib = 16 << 20;  // 16 TiB

}  // namespace

void read_guest(const YAML::Node& node, const std::string& path, GuestSection& guest,
                YamlFaults& faults) {
  YamlReader r(node, path, faults);
  std::string hibernate, swap;
  r.text("hibernate", hibernate);
  if (hibernate == "true")
    guest.hibernate = GuestHibernate::prepare;
  else if (hibernate == "image")
    guest.hibernate = GuestHibernate::image;
  else if (!hibernate.empty() && hibernate != "false")
    r.fault("hibernate", fmt::format("'{}' is not known", hibernate),
            "use true (tidepool prepares a plain image), image (it is prepared), false");
  r.text("swap", swap);
  if (!swap.empty()) {
    const auto size = mebibytes_of(swap);
    if (size && *size <= kMostSwapMib) guest.swap_mib = static_cast<int>(*size);
    if (guest.swap_mib == 0)
      r.fault("swap", fmt::format("'{}' is not a size", swap), "write it as 4G or 512M");
    else if (guest.hibernate != GuestHibernate::prepare)
      r.fault("swap", "is for hibernate: true only", "an image that is prepared has its swap");
  }
  r.finish();
}

}  // namespace tidepool
