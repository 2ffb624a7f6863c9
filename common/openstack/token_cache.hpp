// TokenCache: one token per cloud in a file that processes share.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "openstack/token.hpp"

namespace tidepool::openstack {

// Losing a cache costs one authentication, so nothing here is an error: what cannot be read,
// belongs to somebody else, is open to others (mode) or is damaged counts as absent.
class TokenCache {
 public:
  // `folder` empty: no cache. `identity` (auth_request.hpp) tells clouds and users apart.
  TokenCache(const std::filesystem::path& folder, std::string identity);

  // A usable token, or none.
  std::optional<Token> load(Time now) const;
  // Atomically, 0600. A full disk or a read-only folder leaves the cache as it was.
  void store(const Token& token) const;
  // Removes the file if it holds this very token: another process may have put a new one there.
  void drop(const Secret& value) const;

 private:
  std::filesystem::path file_;
  std::string identity_;
};

// "token-6c62272e07bb0142.json": FNV-1a, 64 bit, of the identity. A collision is found out by
// the identity inside.
std::string cache_file_name(std::string_view prefix, std::string_view identity);

// The text of a cache file that only we may read; nullopt when it is absent or open to others.
std::optional<std::string> read_private_file(const std::filesystem::path& file);

}  // namespace tidepool::openstack
