// Choosing among what a name fits.
#pragma once

#include <fmt/format.h>
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace tidepool::openstack {

// A UUID, with or without dashes.
inline bool looks_like_id(std::string_view text) {
  return text.size() >= 32 && text.size() <= 36 &&
         text.find_first_not_of("0123456789abcdefABCDEF-") == std::string_view::npos;
}

// The one whose id is `wanted`, else the only one. not_found, or conflict listing the ids.
template <typename T>
Result<T> pick_one(std::vector<T> matches, std::string_view what, const std::string& wanted) {
  for (T& match : matches)
    if (match.id == wanted) return std::move(match);
  if (matches.empty())
    return fail(ErrorKind::not_found, fmt::format("no {} '{}' in this project", what, wanted));
  if (matches.size() == 1) return std::move(matches.front());
  std::string ids;
  for (const T& match : matches) ids += (ids.empty() ? "" : ", ") + match.id;
  return fail(ErrorKind::conflict,
              fmt::format("{}s named '{}' are several; use an id: {}", what, wanted, ids));
}

}  // namespace tidepool::openstack
