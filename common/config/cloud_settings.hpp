// One cloud's settings from clouds.yaml/secure.yaml, by the rules of openstacksdk (see the .cpp).
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "config/diagnostic.hpp"

namespace tidepool {

enum class AuthType { password, application_credential, token };  // v3password, …

struct CloudSettings {
  std::string name;      // for messages and cache keys
  std::string auth_url;  // with or without /v3
  AuthType auth_type = AuthType::password;
  std::string user_id, username, user_domain_id, user_domain_name;
  std::string project_id, project_name, project_domain_id, project_domain_name;
  std::string application_credential_id, application_credential_name;
  Secret password, application_credential_secret, token;
  std::string region_name;           // empty: the only one
  std::string interface = "public";  // public | internal | admin
  bool verify = true;                // TLS
  std::filesystem::path cacert, cert, key;
  std::map<std::string, std::string> endpoint_override;     // "compute" -> URL
  std::map<std::string, std::string> default_microversion;  // "compute" -> "2.79"
  bool operator==(const CloudSettings&) const = default;
};

// Looks a variable of the environment up; the library reads none itself.
using Environment = std::function<std::optional<std::string>(const std::string&)>;

struct CloudSource {
  std::filesystem::path config;  // empty: the search places, never the current folder
  std::string name;              // empty: OS_CLOUD, else the file's only cloud
  bool strict = false;           // a file that group or others can read is an error, else a warning
};

// Warnings (modes of files, unknown keys) are appended to `notes`.
Result<CloudSettings> load_cloud(const CloudSource& source, const Environment& environment,
                                 std::vector<Diagnostic>& notes);

}  // namespace tidepool
