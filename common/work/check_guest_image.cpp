#include "work/check_guest_image.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cctype>

namespace tidepool {
namespace {

// "pc" and "q35" mean another machine with each version of QEMU; "pc-i440fx-7.2" does not.
bool versioned(std::string_view machine) {
  return !machine.empty() && std::isdigit(static_cast<unsigned char>(machine.back())) != 0 &&
         machine.find('.') != std::string_view::npos;
}

bool yes(std::string word) {
  for (char& c : word) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return word == "yes" || word == "true" || word == "1" || word == "on";
}

}  // namespace

void check_guest_image(const PoolFile& pools, const Pool& pool, const openstack::Flavor& flavor,
                       const openstack::ImageInfo& image, std::vector<Diagnostic>& into) {
  const auto& modes = pool.hold.modes;
  if (std::find(modes.begin(), modes.end(), HoldMode::hibernate) == modes.end()) return;
  const auto warn = [&](const char* key, std::string what, std::string fix) {
    into.push_back({Severity::warning, pools.path.string(), pool.line, 0,
                    fmt::format("pools.{}.{}", pool.name, key), std::move(what), std::move(fix)});
  };
  if (yes(image.guest_agent))
    warn("image",
         fmt::format("image {} has hw_qemu_guest_agent=yes: nova stop would ask the agent for a "
                     "real shutdown, and the memory is lost",
                     pool.image),
         "openstack image unset --property hw_qemu_guest_agent IMAGE");
  if (!versioned(image.machine_type))
    warn("image",
         fmt::format("image {} has {}: on a hypervisor with another QEMU the memory may be refused",
                     pool.image,
                     image.machine_type.empty() ? "no hw_machine_type"
                                                : "hw_machine_type=" + image.machine_type),
         "openstack image set --property hw_machine_type=pc-i440fx-7.2 IMAGE, a version that all "
         "hypervisors have");
  if (pool.guest.hibernate != GuestHibernate::prepare) return;
  const long swap = pool.guest.swap_mib > 0 ? pool.guest.swap_mib : flavor.ram_mib;
  if (swap < flavor.ram_mib)
    warn("guest.swap",
         fmt::format("{} MiB is less than flavor {}'s memory, {} MiB: a job that uses more than "
                     "fits is not hibernated",
                     swap, pool.flavor, flavor.ram_mib),
         "leave swap out");
  // As tidepool-guest-setup wants it: 512 MiB stay free. Disk 0 is as large as the image.
  const long needed = swap + 512 + 1024L * image.min_disk_gib;
  if (flavor.disk_gib > 0 && needed > 1024L * flavor.disk_gib)
    warn("guest.hibernate",
         fmt::format("the swap file of {} MiB does not fit: flavor {} has a root disk of {} GiB, "
                     "the image wants {} GiB of it",
                     swap, pool.flavor, flavor.disk_gib, image.min_disk_gib),
         "take a flavor with a larger disk");
}

}  // namespace tidepool
