// Any text in the drop folder: a request that asks for something within bounds, or a fault with
// words.
#include "target.hpp"
#include "work/drop_folder.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  tidepool::ReclaimSection rules;
  const auto at = tidepool::from_millis(1'000'000);
  const auto r = tidepool::read_drop_file(text, rules, at);
  if (!r) {
    promise(!r.error().message.empty() && r.error().message.size() < 500, "a fault has words");
    return 0;
  }
  promise(!r->need.none(), "something is asked for");
  promise(r->need.instances >= 0 && r->need.cores >= 0 && r->need.ram_mib >= 0, "nothing below 0");
  promise(tidepool::kPlenty > r->need.cores && tidepool::kPlenty > r->need.ram_mib, "bounds");
  promise(r->deadline > at && r->keep.count() >= 0, "in the time to come");
  promise(r->partition.find_first_of("\n/ '\"") == std::string::npos, "a partition's name");
  return 0;
}
