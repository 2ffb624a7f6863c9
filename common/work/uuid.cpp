#include "work/uuid.hpp"

#include <sys/random.h>

#include <fmt/format.h>
#include <array>
#include <cstdlib>

namespace tidepool {

std::string random_uuid() {
  std::array<unsigned char, 16> b{};
  // 16 bytes are never cut short, and the pool is up long before slurmctld is.
  if (::getrandom(b.data(), b.size(), 0) != static_cast<ssize_t>(b.size())) std::abort();
  b[6] = static_cast<unsigned char>((b[6] & 0x0f) | 0x40);
  b[8] = static_cast<unsigned char>((b[8] & 0x3f) | 0x80);
  std::string text;
  for (std::size_t i = 0; i < b.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += fmt::format("{:02x}", b[i]);
  }
  return text;
}

}  // namespace tidepool
