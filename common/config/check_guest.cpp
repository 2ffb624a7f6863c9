#include <fmt/format.h>
#include <algorithm>

#include "config/check.hpp"

namespace tidepool {

void check_guest(const PoolFile& pools, std::vector<Diagnostic>& into) {
  for (const auto& pool : pools.pools) {
    const auto& modes = pool.hold.modes;
    const bool wanted = std::find(modes.begin(), modes.end(), HoldMode::hibernate) != modes.end();
    const auto add = [&](Severity severity, const char* key, std::string what, std::string fix) {
      into.push_back({severity, pools.path.string(), pool.line, 0,
                      fmt::format("pools.{}.{}", pool.name, key), std::move(what), std::move(fix)});
    };
    if (wanted && pool.guest.hibernate == GuestHibernate::no)
      add(Severity::warning, "hold.mode",
          "hibernate, but nothing says that the servers can: a plain image has no swap to "
          "hibernate into",
          "write guest: {hibernate: true}, or guest: {hibernate: image} when the image is prepared "
          "(etc/guest)");
    if (!wanted && pool.guest.hibernate == GuestHibernate::prepare)
      add(Severity::note, "guest.hibernate",
          "each server makes swap of the size of its memory, but no hold hibernates it",
          "name hibernate in hold: {mode: …}, or leave guest out");
  }
}

}  // namespace tidepool
