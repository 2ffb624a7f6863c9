// Nova's microversions: which one a session speaks.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "openstack/http.hpp"

namespace tidepool::openstack {

struct Microversion {
  int major = 0, minor = 0;
  static Result<Microversion> parse(std::string_view text);  // "2.93"; never "latest"
  std::string str() const;
  auto operator<=>(const Microversion&) const = default;
};

// What our requests and readers were written and tested against (Zed).
inline constexpr Microversion kNewestMicroversion{2, 93};
// Newton. From 2.37 a create must say which networks it wants, so that Nova never attaches one
// that nobody asked for; 2.9 brought "locked". Nothing newer is needed: later additions
// (tags 2.52, no image proxy 2.36) are not used.
inline constexpr Microversion kOldestMicroversion{2, 37};

// From the version document of the compute endpoint ({"version": {"version": "2.93", …}}) and the
// settings' wish ("" = none). ErrorKind::invalid: no version that both can speak.
Result<Microversion> agree_microversion(const HttpResponse& document, const std::string& wish);

}  // namespace tidepool::openstack
