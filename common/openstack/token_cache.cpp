#include "openstack/token_cache.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/file.hpp"
#include "openstack/json_reader.hpp"

namespace tidepool::openstack {
namespace {

using Json = nlohmann::json;
constexpr int kFormat = 1;

std::optional<Token> read(const std::string& text, const std::string& identity) {
  const Json body = Json::parse(text, nullptr, false);
  Token token;
  int format = 0;
  std::string who, value;
  std::int64_t expires = 0;
  JsonReader reader(body, "token cache");
  reader.number("format", format)
      .text("identity", who)
      .text("token", value)
      .number("expires_ms", expires)
      .text("project_id", token.project_id)
      .text("project_name", token.project_name)
      .text("user_id", token.user_id)
      .text("compute_microversion", token.compute_microversion);
  const Json* roles = reader.array("roles");
  const Json* catalog = reader.array("catalog");
  if (!reader.done() || format != kFormat || who != identity || roles == nullptr ||
      catalog == nullptr)
    return std::nullopt;
  token.value = Secret(std::move(value));
  token.expires = from_millis(expires);
  for (const Json& role : *roles)
    if (role.is_string()) token.roles.push_back(role.get<std::string>());
  for (const Json& entry : *catalog) {
    Endpoint& endpoint = token.catalog.emplace_back();
    if (!JsonReader(entry, "token cache")
             .text("type", endpoint.type)
             .text("interface", endpoint.interface)
             .text("region", endpoint.region)
             .required("url", endpoint.url)
             .done())
      return std::nullopt;
  }
  return token;
}

std::string write(const Token& token, const std::string& identity) {
  Json catalog = Json::array();
  for (const Endpoint& endpoint : token.catalog)
    catalog.push_back({{"type", endpoint.type},
                       {"interface", endpoint.interface},
                       {"region", endpoint.region},
                       {"url", endpoint.url}});
  const Json body = {{"format", kFormat},
                     {"identity", identity},
                     {"token", token.value.reveal()},
                     {"expires_ms", to_millis(token.expires)},
                     {"project_id", token.project_id},
                     {"project_name", token.project_name},
                     {"user_id", token.user_id},
                     {"compute_microversion", token.compute_microversion},
                     {"roles", token.roles},
                     {"catalog", std::move(catalog)}};
  return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string cache_file_name(std::string_view prefix, std::string_view identity) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : identity) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return fmt::format("{}-{:016x}.json", prefix, hash);
}

std::optional<std::string> read_private_file(const std::filesystem::path& file) {
  struct stat st {};
  if (file.empty() || ::lstat(file.c_str(), &st) != 0) return std::nullopt;
  if (!S_ISREG(st.st_mode) || st.st_uid != ::geteuid() || (st.st_mode & 077) != 0)
    return std::nullopt;
  auto text = read_file(file);
  if (!text) return std::nullopt;
  return *std::move(text);
}

TokenCache::TokenCache(const std::filesystem::path& folder, std::string identity)
    : identity_(std::move(identity)) {
  if (!folder.empty()) file_ = folder / cache_file_name("token", identity_);
}

std::optional<Token> TokenCache::load(Time now) const {
  const auto text = read_private_file(file_);
  if (!text) return std::nullopt;
  auto token = read(*text, identity_);
  if (!token || !token->usable(now)) return std::nullopt;
  return token;
}

void TokenCache::store(const Token& token) const {
  if (file_.empty() || !make_private_folder(file_.parent_path())) return;
  static_cast<void>(write_file_atomically(file_, write(token, identity_), 0600));
}

void TokenCache::drop(const Secret& value) const {
  const auto text = read_private_file(file_);
  if (!text) return;
  if (const auto token = read(*text, identity_); token && token->value == value)
    ::unlink(file_.c_str());
}

}  // namespace tidepool::openstack
