// The rules are openstacksdk's, so that one clouds.yaml serves both, with two exceptions on
// purpose: the current folder is not searched (slurmctld runs us in any), and broken YAML is an
// error. https://docs.openstack.org/openstacksdk/latest/user/config/configuration.html
#include "config/cloud_settings.hpp"

#include <sys/stat.h>

#include <fmt/format.h>
#include <algorithm>

#include "base/file.hpp"
#include "config/yaml_reader.hpp"

namespace tidepool {
namespace {

using Flat = std::map<std::string, std::string>;

std::filesystem::path find_file(const CloudSource& source, const Environment& environment,
                                const std::string& stem) {
  std::vector<std::filesystem::path> places;
  const bool secure = stem == "secure";
  const auto named = environment(secure ? "OS_CLIENT_SECURE_FILE" : "OS_CLIENT_CONFIG_FILE");
  if (!source.config.empty()) {
    if (!secure) return source.config;
    places.push_back(source.config.parent_path() / (stem + ".yaml"));
  } else if (named && !named->empty()) {
    places.emplace_back(*named);
  }
  if (const auto home = environment("HOME"); home && !home->empty())
    places.push_back(std::filesystem::path(*home) / ".config/openstack" / (stem + ".yaml"));
  places.push_back("/etc/xdg/openstack/" + stem + ".yaml");
  places.push_back("/etc/openstack/" + stem + ".yaml");
  std::error_code ec;
  for (const auto& place : places)
    if (std::filesystem::exists(place, ec)) return place;
  return {};
}

// Scalars of all clouds together. Aliases share nodes, so that a small file can stand for a
// billion of them: what is visited is counted, not what is written.
constexpr int kMostVisited = 20'000;

struct Flattener {
  Flat& into;
  int& budget;

  // "a: {b: c}" -> {"a.b": "c"}. A list gives its first scalar: of those that we read, only
  // regions: is one, and its first region is the default. "-" in keys is "_", as in the SDK.
  bool run(const YAML::Node& node, const std::string& path, int depth = 0) {
    if (--budget < 0 || depth > 8) return false;
    if (node.IsScalar()) into[path] = node.Scalar();
    if (node.IsSequence() && node.size() > 0 && node[0].IsScalar()) into[path] = node[0].Scalar();
    if (!node.IsMap()) return true;
    // "<<: *base" first, so that the mapping's own keys win.
    for (const auto& entry : node)
      if (entry.first.IsScalar() && entry.first.Scalar() == "<<" &&
          !merge(entry.second, path, depth))
        return false;
    for (const auto& entry : node) {
      if (!entry.first.IsScalar() || entry.first.Scalar() == "<<") continue;
      std::string key = entry.first.Scalar();
      std::replace(key.begin(), key.end(), '-', '_');
      if (!run(entry.second, path.empty() ? key : path + "." + key, depth + 1)) return false;
    }
    return true;
  }

 private:
  bool merge(const YAML::Node& value, const std::string& path, int depth) {
    if (value.IsMap()) return run(value, path, depth + 1);
    if (!value.IsSequence()) return true;
    // Of several, the first wins: so it comes last.
    for (std::size_t i = value.size(); i-- > 0;)
      if (value[i].IsMap() && !run(value[i], path, depth + 1)) return false;
    return true;
  }
};

Result<void> check_mode(const std::filesystem::path& path, bool strict,
                        std::vector<Diagnostic>& notes) {
  struct stat st {};
  if (::stat(path.c_str(), &st) != 0) return fail_errno(errno, path.string());
  // A group may read it: root:slurm 0640 lets SlurmUser read what only root may change.
  if ((st.st_mode & (S_IROTH | S_IWOTH | S_IWGRP)) == 0) return {};
  Diagnostic d{strict ? Severity::error : Severity::warning,
               path.string(),
               0,
               0,
               "",
               fmt::format("holds credentials, but others can read or write it (mode {:04o})",
                           st.st_mode & 07777),
               "chmod 0640 it, root:slurm, or 0600, owned by SlurmUser"};
  if (strict) return fail(ErrorKind::invalid, to_string(d));
  notes.push_back(std::move(d));
  return {};
}

struct Parsed {
  std::map<std::string, Flat> clouds;
};

Result<Parsed> read_clouds(const std::filesystem::path& path) {
  auto text = read_file(path);
  if (!text) return fail(Error(text.error()).context("clouds.yaml"));
  std::vector<Diagnostic> list;
  YamlFaults faults{path.string(), list};
  Parsed parsed;
  try {
    const auto root = parse_yaml(*text, faults, Anchors::allowed);  // usual in clouds.yaml
    if (!root) return fail(ErrorKind::invalid, to_string(list.front()));
    if (!root->IsMap() || !(*root)["clouds"] || !(*root)["clouds"].IsMap())
      return fail(ErrorKind::invalid, path.string() + ": has no 'clouds:' mapping");
    int budget = kMostVisited;
    for (const auto& entry : (*root)["clouds"]) {
      if (!entry.first.IsScalar()) continue;
      if (!Flattener{parsed.clouds[entry.first.Scalar()], budget}.run(entry.second, ""))
        return fail(
            ErrorKind::invalid,
            fmt::format("{}:{}: clouds.{}: nested too deep, or aliases that stand for too much",
                        path.string(), entry.first.Mark().line + 1, entry.first.Scalar()));
    }
  } catch (const YAML::Exception& e) {
    return fail(ErrorKind::invalid, fmt::format("{}:{}:{}: not valid YAML: {}", path.string(),
                                                e.mark.line + 1, e.mark.column + 1, e.msg));
  }
  return parsed;
}

// With no cloud named anywhere, OS_* stand for one.
Flat from_environment(const Environment& environment) {
  Flat flat;
  for (const char* key :
       {"auth_url", "username", "user_id", "password", "project_name", "project_id",
        "user_domain_name", "user_domain_id", "project_domain_name", "project_domain_id",
        "application_credential_id", "application_credential_name", "application_credential_secret",
        "token"}) {
    std::string name = "OS_" + std::string(key);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    if (auto value = environment(name)) flat["auth." + std::string(key)] = *value;
  }
  for (const auto& [key, name] : std::initializer_list<std::pair<const char*, const char*>>{
           {"region_name", "OS_REGION_NAME"},
           {"interface", "OS_INTERFACE"},
           {"cacert", "OS_CACERT"},
           {"cert", "OS_CERT"},
           {"key", "OS_KEY"},
           {"auth_type", "OS_AUTH_TYPE"},
           {"insecure", "OS_INSECURE"},
           {"verify", "OS_VERIFY"},
           {"endpoint_type", "OS_ENDPOINT_TYPE"},
           {"domain_name", "OS_DOMAIN_NAME"},
           {"domain_id", "OS_DOMAIN_ID"},
           {"tenant_name", "OS_TENANT_NAME"},
           {"tenant_id", "OS_TENANT_ID"}})
    if (auto value = environment(name)) flat[key] = *value;
  return flat;
}

bool truthy(const std::string& text) {
  std::string low(text);
  std::transform(low.begin(), low.end(), low.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return low == "true" || low == "yes" || low == "on" || low == "1";
}

Result<CloudSettings> settle(const std::string& name, const Flat& flat, const std::string& where) {
  // A key counts in auth: and at the top of the cloud; auth: wins (openstacksdk 0.101, measured).
  const auto get = [&](const std::string& key) -> std::string {
    if (const auto it = flat.find("auth." + key); it != flat.end()) return it->second;
    if (const auto it = flat.find(key); it != flat.end()) return it->second;
    return {};
  };
  CloudSettings c;
  c.name = name;
  c.auth_url = get("auth_url");
  c.username = get("username");
  c.user_id = get("user_id");
  c.project_name = get("project_name").empty() ? get("tenant_name") : get("project_name");
  c.project_id = get("project_id").empty() ? get("tenant_id") : get("project_id");
  const std::string domain_name = get("domain_name"), domain_id = get("domain_id");
  c.user_domain_name = get("user_domain_name");
  c.user_domain_id = get("user_domain_id");
  c.project_domain_name = get("project_domain_name");
  c.project_domain_id = get("project_domain_id");
  // domain_*: stands for both.
  for (auto* id : {&c.user_domain_id, &c.project_domain_id})
    if (id->empty()) *id = domain_id;
  for (auto* domain : {&c.user_domain_name, &c.project_domain_name})
    if (domain->empty()) *domain = domain_name;
  c.application_credential_id = get("application_credential_id");
  c.application_credential_name = get("application_credential_name");
  c.password = Secret(get("password"));
  c.application_credential_secret = Secret(get("application_credential_secret"));
  c.token = Secret(get("token").empty() ? get("auth_token") : get("token"));
  c.region_name = get("region_name").empty() ? get("regions") : get("region_name");
  if (const auto i = get("interface").empty() ? get("endpoint_type") : get("interface"); !i.empty())
    c.interface = i.size() > 3 && i.ends_with("URL") ? i.substr(0, i.size() - 3) : i;
  if (const auto v = get("verify"); !v.empty()) c.verify = truthy(v);
  if (const auto v = get("insecure"); !v.empty() && truthy(v)) c.verify = false;
  c.cacert = get("cacert");
  c.cert = get("cert");
  c.key = get("key");
  for (const auto& [key, value] : flat) {
    for (const auto& [suffix, into] :
         {std::pair{std::string("_endpoint_override"), &c.endpoint_override},
          std::pair{std::string("_default_microversion"), &c.default_microversion}})
      if (key.ends_with(suffix)) {
        std::string service = key.substr(0, key.size() - suffix.size());
        (*into)[service] = value;
      }
  }
  std::string type = get("auth_type");
  if (type.starts_with("v3")) type.erase(0, 2);
  if (type.empty() || type == "password")
    c.auth_type = AuthType::password;
  else if (type == "applicationcredential")
    c.auth_type = AuthType::application_credential;
  else if (type == "token")
    c.auth_type = AuthType::token;
  else
    return fail(ErrorKind::invalid,
                fmt::format("{}: auth_type '{}' is not supported; use v3password, "
                            "v3applicationcredential or v3token",
                            where, type));
  // As openstacksdk does: an application credential without auth_type is one.
  if (type.empty() && !c.application_credential_secret.empty())
    c.auth_type = AuthType::application_credential;

  const auto missing = [&](const char* key) {
    return fail(ErrorKind::invalid, fmt::format("{}: auth.{} is missing", where, key));
  };
  if (c.auth_url.empty()) return missing("auth_url");
  if (c.interface != "public" && c.interface != "internal" && c.interface != "admin")
    return fail(ErrorKind::invalid, fmt::format("{}: interface '{}': use public, internal or admin",
                                                where, c.interface));
  switch (c.auth_type) {
    case AuthType::password:
      if (c.username.empty() && c.user_id.empty()) return missing("username");
      if (c.password.empty()) return missing("password");
      if (c.project_name.empty() && c.project_id.empty()) return missing("project_name");
      // Without any domain Keystone refuses a name; "Default" is every new cloud's.
      if (c.user_id.empty() && c.user_domain_name.empty() && c.user_domain_id.empty())
        c.user_domain_name = "Default";
      if (c.project_id.empty() && c.project_domain_name.empty() && c.project_domain_id.empty())
        c.project_domain_name = "Default";
      break;
    case AuthType::application_credential:
      if (c.application_credential_secret.empty()) return missing("application_credential_secret");
      if (c.application_credential_id.empty() && c.application_credential_name.empty())
        return missing("application_credential_id");
      if (c.application_credential_id.empty() && c.username.empty() && c.user_id.empty())
        return missing("username");
      break;
    case AuthType::token:
      if (c.token.empty()) return missing("token");
      break;
  }
  return c;
}

}  // namespace

Result<CloudSettings> load_cloud(const CloudSource& source, const Environment& environment,
                                 std::vector<Diagnostic>& notes) {
  std::string name = source.name;
  if (name.empty()) name = environment("OS_CLOUD").value_or("");
  const auto path = find_file(source, environment, "clouds");
  // With no cloud named, credentials in the environment beat a file's only cloud.
  if (name.empty() && source.config.empty() && environment("OS_AUTH_URL"))
    return settle("envvars", from_environment(environment), "OS_*");
  if (path.empty()) {
    return fail(ErrorKind::not_found,
                "no clouds.yaml found; name it in the pool file (cloud: {config: "
                "/etc/openstack/clouds.yaml})");
  }
  if (auto mode = check_mode(path, source.strict, notes); !mode)
    return tl::unexpected(mode.error());
  auto parsed = read_clouds(path);
  if (!parsed) return tl::unexpected(parsed.error());
  const auto secure = find_file(source, environment, "secure");
  std::error_code ec;
  if (!secure.empty() && std::filesystem::exists(secure, ec)) {
    if (auto mode = check_mode(secure, source.strict, notes); !mode)
      return tl::unexpected(mode.error());
    auto over = read_clouds(secure);
    if (!over) return tl::unexpected(over.error());
    for (auto& [cloud, flat] : over->clouds)
      for (auto& [key, value] : flat) parsed->clouds[cloud][key] = value;
  }
  if (name.empty() && parsed->clouds.size() == 1) name = parsed->clouds.begin()->first;
  std::string names;
  for (const auto& [cloud, flat] : parsed->clouds) names += (names.empty() ? "" : ", ") + cloud;
  const auto it = parsed->clouds.find(name);
  if (it != parsed->clouds.end() && it->second.contains("profile"))
    notes.push_back({Severity::warning, path.string(), 0, 0, fmt::format("clouds.{}.profile", name),
                     "vendor profiles are not read",
                     "write auth_url and the like into the cloud itself"});
  if (name.empty())
    return fail(
        ErrorKind::invalid,
        fmt::format("{}: has several clouds; name one in the pool file (cloud: {{name: NAME}}): {}",
                    path.string(), names));
  if (it == parsed->clouds.end())
    return fail(ErrorKind::invalid,
                fmt::format("{}: no cloud '{}'; there are: {}", path.string(), name, names));
  return settle(name, it->second, fmt::format("{}: clouds.{}", path.string(), name));
}

}  // namespace tidepool
