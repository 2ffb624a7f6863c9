// Makes text from outside fit for a log line or a node's Reason.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tidepool::openstack {

// One line, at most `limit` bytes of UTF-8, no control characters, no trailing full stop; what
// looks like a token (Fernet: "gAAAA…", JWS: "eyJ…") is replaced.
std::string safe_text(std::string_view text, std::size_t limit = 300);

}  // namespace tidepool::openstack
