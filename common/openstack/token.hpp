// Token: what Keystone gave, and what was learned with it.
#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "openstack/catalog.hpp"

namespace tidepool::openstack {

struct Token {
  Secret value;
  Time expires;
  std::string project_id, project_name, user_id;
  std::vector<std::string> roles;
  Catalog catalog;
  std::string compute_microversion;  // agreed on with Nova; empty: not asked yet

  // Not within 30 s of its end: a request begun now must not fail on its way.
  bool usable(Time now) const;
};

// The answer of POST /v3/auth/tokens. server_error naming the field that is missing or wrong.
Result<Token> read_token(const HttpResponse& response);

}  // namespace tidepool::openstack
