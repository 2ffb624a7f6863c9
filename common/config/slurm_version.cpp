#include "config/slurm_version.hpp"

#include <fmt/format.h>
#include <charconv>

namespace tidepool {

Result<SlurmVersion> SlurmVersion::parse(std::string_view text) {
  const auto bad = [&] {
    return fail(ErrorKind::invalid,
                fmt::format("'{}' is not a Slurm version such as 22.05.8", text.substr(0, 60)));
  };
  std::string_view rest = text;
  if (const auto blank = rest.find(' '); blank != std::string_view::npos)
    rest.remove_prefix(blank + 1);
  SlurmVersion version;
  const char* const end = rest.data() + rest.size();
  const auto major = std::from_chars(rest.data(), end, version.major);
  if (major.ec != std::errc() || major.ptr == end || *major.ptr != '.') return bad();
  const auto minor = std::from_chars(major.ptr + 1, end, version.minor);
  if (minor.ec != std::errc() || version.major < 1 || version.minor < 0) return bad();
  if (minor.ptr != end && *minor.ptr != '.' && *minor.ptr != '-' && *minor.ptr != '\n')
    return bad();
  return version;
}

}  // namespace tidepool
