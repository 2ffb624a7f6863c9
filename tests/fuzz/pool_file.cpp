// Any text: at least one fault with its place, or a pool file that keeps what its header promises.
#include "config/pool_file.hpp"

#include <set>

#include "target.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  // It names a file to read, and a fuzzer would find devices.
  if (text.find("user_data") != std::string::npos) return 0;
  std::vector<tidepool::Diagnostic> faults;
  const auto file = tidepool::parse_pool_file(text, "/fuzz.yaml", faults);
  promise(file.has_value() == !tidepool::has_errors(faults), "a file or an error, never both");
  for (const auto& fault : faults)
    promise(!fault.what.empty() && fault.line >= 0, "a fault has words");
  if (!file) return 0;
  std::set<std::string> names;
  std::set<tidepool::Ipv4> addresses;
  for (const auto& pool : file->pools)
    for (const auto& node : pool.nodes) {
      promise(names.insert(node.name).second, "a name is in one pool");
      promise(node.address.has_value() || pool.dhcp, "a node has an address");
      if (node.address) promise(addresses.insert(*node.address).second, "an address is one node's");
    }
  for (const auto& c : file->reclaim.classes) {
    promise(!c.name.empty() && !(c.partitions.empty() && c.qos.empty() && c.accounts.empty()),
            "no class has every job");
    for (const auto mode : c.modes)
      promise(c.may_requeue || tidepool::keeps_memory(mode), "work is lost only where it may be");
  }
  for (const auto& h : file->reclaim.quiet_hours)
    promise(h == tidepool::parse_quiet_hours(to_string(h)).value(), "hours read as written");
  promise(names.size() <= tidepool::kMaxNodes, "the limit is kept");
  return 0;
}
