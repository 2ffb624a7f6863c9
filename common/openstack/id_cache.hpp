// IdCache: what flavor, image and network names stand for, kept between processes for an hour.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "base/clock.hpp"

namespace tidepool::openstack {

// Like the token cache: a damaged, foreign or unwritable file is no error, only no cache.
class IdCache {
 public:
  static constexpr Millis kLife{3'600'000};

  // `folder` empty: kept in memory only. `identity` tells clouds and projects apart.
  IdCache(const std::filesystem::path& folder, std::string identity);

  // `key`: "flavor/m1.large". The text that put() was given less than kLife before `now`.
  std::optional<std::string> get(const std::string& key, Time now) const;
  void put(const std::string& key, std::string value, Time now);
  // After a create was refused: a name may stand for something new.
  void forget();

 private:
  struct Entry {
    std::string value;
    Time learned;
  };
  void load();
  void save() const;

  std::filesystem::path file_;
  std::string identity_;
  std::map<std::string, Entry> entries_;
};

}  // namespace tidepool::openstack
