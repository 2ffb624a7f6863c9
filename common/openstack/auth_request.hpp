// The body of Keystone's POST /v3/auth/tokens.
#pragma once

#include <string>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "config/cloud_settings.hpp"

namespace tidepool::openstack {

// v3password and v3token with a project scope, v3applicationcredential with none (Keystone
// answers 401 when one is sent). A Secret, for it holds the password.
// ErrorKind::invalid names the setting that is missing.
Result<Secret> auth_request(const CloudSettings& settings);

// Tells sessions apart for the caches: everything that identifies, nothing that is secret.
std::string auth_identity(const CloudSettings& settings);

}  // namespace tidepool::openstack
