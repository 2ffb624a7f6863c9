// Any text: refused, or names within the limit that survive being written and read again.
#include "base/hostlist.hpp"

#include <algorithm>

#include "base/address.hpp"
#include "target.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  constexpr std::size_t kLimit = 1000;
  tidepool::find_uneven_padding(text);
  (void)tidepool::Cidr::parse(text);
  (void)tidepool::expand_addresses(text, kLimit);
  auto names = tidepool::expand_hostlist(text, kLimit);
  if (!names) {
    promise(!names.error().message.empty(), "a refusal has words");
    return 0;
  }
  promise(names->size() <= kLimit, "the limit is kept");
  for (const auto& name : *names)
    promise(!name.empty() && name.size() <= 253, "a name has a sane length");
  auto again = tidepool::expand_hostlist(tidepool::format_hostlist(*names), kLimit);
  promise(again.has_value(), "what is written can be read");
  std::sort(names->begin(), names->end());
  names->erase(std::unique(names->begin(), names->end()), names->end());
  std::sort(again->begin(), again->end());
  promise(*again == *names, "no name is lost or made up");
  return 0;
}
