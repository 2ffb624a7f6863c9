#include "openstack/microversion.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>

#include "openstack/json_reader.hpp"

namespace tidepool::openstack {

Result<Microversion> Microversion::parse(std::string_view text) {
  Microversion version;
  const char* end = text.data() + text.size();
  const auto major = std::from_chars(text.data(), end, version.major);
  if (major.ec == std::errc() && major.ptr != end && *major.ptr == '.') {
    const auto minor = std::from_chars(major.ptr + 1, end, version.minor);
    if (minor.ec == std::errc() && minor.ptr == end && version.major >= 0 && version.minor >= 0)
      return version;
  }
  return fail(ErrorKind::invalid, fmt::format("'{}' is not a microversion like 2.79", text));
}

std::string Microversion::str() const {
  return fmt::format("{}.{}", major, minor);
}

Result<Microversion> agree_microversion(const HttpResponse& document, const std::string& wish) {
  Microversion newest = kNewestMicroversion;
  if (!wish.empty()) {
    auto wanted = Microversion::parse(wish);
    if (!wanted) return fail(std::move(wanted.error()).context("compute_default_microversion"));
    newest = std::min(newest, *wanted);
  }
  auto body = json_body(document, "compute version");
  if (!body) return fail(body.error());
  auto object = object_in(*body, "version");
  if (!object) return fail(object.error());
  std::string highest;
  if (auto ok = JsonReader(**object, "compute version").text("version", highest).done(); !ok)
    return fail(ok.error());
  // Empty: the v2.0 API of old, which has none.
  auto offered = Microversion::parse(highest.empty() ? "2.0" : highest);
  if (!offered) return fail(ErrorKind::server_error, "compute version: " + offered.error().message);
  const Microversion agreed = std::min(newest, *offered);
  if (agreed < kOldestMicroversion)
    return fail(
        ErrorKind::invalid,
        fmt::format("Nova speaks up to {}, wanted is at most {}; tidepool needs {} or newer",
                    offered->str(), newest.str(), kOldestMicroversion.str()));
  return agreed;
}

}  // namespace tidepool::openstack
