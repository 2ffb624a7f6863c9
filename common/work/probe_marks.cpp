#include "work/probe_marks.hpp"

#include <cstdlib>

namespace tidepool {
namespace {

constexpr std::string_view kMark = "tidepool-probe-mark ";

}  // namespace

std::string guest_mark_user_data() {
  // A boothook runs at every boot, not only at the first one.
  return "#cloud-boothook\n"
         "#!/bin/sh\n"
         "read -r boot </proc/sys/kernel/random/boot_id\n"
         "(\n"
         "  n=0\n"
         "  while :; do\n"
         "    n=$((n + 1))\n"
         "    echo \"" +
         std::string(kMark) +
         "$boot $n\" >/dev/console\n"
         "    sleep 1\n"
         "  done\n"
         ") </dev/null >/dev/null 2>&1 &\n";
}

std::optional<GuestMark> last_guest_mark(std::string_view console) {
  // A line that is still being written has no end yet.
  const auto end = console.rfind('\n');
  if (end == std::string_view::npos) return std::nullopt;
  console = console.substr(0, end);
  while (true) {
    const auto at = console.rfind(kMark);
    if (at == std::string_view::npos) return std::nullopt;
    std::string_view line = console.substr(at + kMark.size());
    line = line.substr(0, line.find_first_of("\r\n"));
    const auto space = line.find(' ');
    if (space != std::string_view::npos && space > 0) {
      const std::string digits(line.substr(space + 1));
      char* rest = nullptr;
      const long count = std::strtol(digits.c_str(), &rest, 10);
      if (rest != digits.c_str() && *rest == '\0' && count > 0)
        return GuestMark{std::string(line.substr(0, space)), count};
    }
    console = console.substr(0, at);
  }
}

std::optional<bool> guest_went_on(const GuestMark& before, const std::optional<GuestMark>& after) {
  if (!after) return std::nullopt;
  if (after->boot != before.boot) return false;
  if (after->count > before.count) return true;
  return std::nullopt;
}

}  // namespace tidepool
