#include "config/guest_script.hpp"

#include <fmt/format.h>

namespace tidepool {

std::string guest_script(int swap_mib) {
  // No line of the files is this word: a unit test looks.
  constexpr std::string_view kEnd = "END-OF-TIDEPOOL-FILE";
  std::string out =
      "#!/bin/sh\n"
      "# tidepool: makes this server able to hibernate (guest: {hibernate: true}).\n"
      "set -eu\n"
      "umask 022\n"
      "root=${1-}\n"
      "put() {\n"
      "  mkdir -p \"$root${2%/*}\"\n"
      "  cat >\"$root$2.new\"\n"
      "  chmod \"$1\" \"$root$2.new\"\n"
      "  mv \"$root$2.new\" \"$root$2\"\n"
      "}\n";
  for (const auto& file : guest_files())
    out += fmt::format("put {} {} <<'{}'\n{}{}\n", file.program ? "0755" : "0644", file.path, kEnd,
                       file.text, kEnd);
  const std::string size = swap_mib > 0 ? fmt::format("--swap {}M", swap_mib) : "";
  // For the boots to come, when the unit prepares.
  if (!size.empty())
    out += fmt::format(
        "put 0644 /etc/default/tidepool-guest <<'{}'\nTIDEPOOL_SETUP_OPTIONS=\"{}\"\n{}\n", kEnd,
        size, kEnd);
  out += fmt::format(
      "if [ -n \"$root\" ]; then\n"
      "  exec \"$root/usr/local/sbin/tidepool-guest-setup\" --root \"$root\" {}\n"
      "fi\n"
      "systemctl daemon-reload\n"
      "systemctl enable tidepool-swap.service\n"
      "# They have read their files already. This ends no session and no job. (Debian's chrony is\n"
      "# chronyd too.)\n"
      "for unit in systemd-logind chronyd; do\n"
      "  systemctl try-restart \"$unit.service\" 2>/dev/null || :\n"
      "done\n"
      "# As the unit, so that its state is what there is to look at.\n"
      "exec systemctl restart tidepool-swap.service\n",
      size.empty() ? "--swap 64M" : size);  // a folder has no memory
  return out;
}

}  // namespace tidepool
