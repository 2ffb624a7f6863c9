#include "openstack/id_cache.hpp"

#include <unistd.h>

#include "base/file.hpp"
#include "openstack/json_reader.hpp"
#include "openstack/token_cache.hpp"

namespace tidepool::openstack {

using Json = nlohmann::json;

IdCache::IdCache(const std::filesystem::path& folder, std::string identity)
    : identity_(std::move(identity)) {
  if (!folder.empty()) file_ = folder / cache_file_name("ids", identity_);
  load();
}

// Adds what the file knows and we do not.
void IdCache::load() {
  const auto text = read_private_file(file_);
  if (!text) return;
  const Json body = Json::parse(*text, nullptr, false);
  std::string who;
  JsonReader reader(body, "id cache");
  reader.text("identity", who);
  const Json* entries = reader.object("entries");
  if (!reader.done() || who != identity_ || entries == nullptr) return;
  for (const auto& [key, entry] : entries->items()) {
    Entry found;
    std::int64_t learned = 0;
    if (JsonReader(entry, "id cache").text("value", found.value).number("ms", learned).done()) {
      found.learned = from_millis(learned);
      entries_.emplace(key, std::move(found));
    }
  }
}

void IdCache::save() const {
  if (file_.empty() || !make_private_folder(file_.parent_path())) return;
  Json entries = Json::object();
  for (const auto& [key, entry] : entries_)
    entries[key] = {{"value", entry.value}, {"ms", to_millis(entry.learned)}};
  const Json body = {{"identity", identity_}, {"entries", std::move(entries)}};
  static_cast<void>(write_file_atomically(
      file_, body.dump(-1, ' ', false, Json::error_handler_t::replace), 0600));
}

std::optional<std::string> IdCache::get(const std::string& key, Time now) const {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return std::nullopt;
  // A clock that was set back makes an entry from the future: ask again.
  const auto age = now - found->second.learned;
  if (age < Millis(0) || age >= kLife) return std::nullopt;
  return found->second.value;
}

void IdCache::put(const std::string& key, std::string value, Time now) {
  entries_[key] = {std::move(value), now};
  load();  // another process may have learned something meanwhile
  save();
}

void IdCache::forget() {
  entries_.clear();
  if (!file_.empty()) ::unlink(file_.c_str());
}

}  // namespace tidepool::openstack
