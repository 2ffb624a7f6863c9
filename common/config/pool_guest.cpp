// guest: of a pool.
#include <fmt/format.h>
#include <charconv>

#include "config/pool_reader.hpp"

namespace tidepool {
namespace {

constexpr int kMostSwapMib = 16 << 20;  // 16 TiB

// MiB of "4G" or "512M"; 0: not such a size.
int mebibytes(std::string_view text) {
  if (text.empty() || (text.back() != 'G' && text.back() != 'M')) return 0;
  const int unit = text.back() == 'G' ? 1024 : 1;
  text.remove_suffix(1);
  int number = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (ec != std::errc() || end != text.data() + text.size() || number < 1) return 0;
  return number > kMostSwapMib / unit ? 0 : number * unit;
}

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
    guest.swap_mib = mebibytes(swap);
    if (guest.swap_mib == 0)
      r.fault("swap", fmt::format("'{}' is not a size", swap), "write it as 4G or 512M");
    else if (guest.hibernate != GuestHibernate::prepare)
      r.fault("swap", "is for hibernate: true only", "an image that is prepared has its swap");
  }
  r.finish();
}

}  // namespace tidepool
