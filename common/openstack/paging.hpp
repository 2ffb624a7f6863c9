// Lists of any service, page by page.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>
#include "base/async.hpp"

#include "openstack/session.hpp"

namespace tidepool::openstack {

// Every object of the list `name` at `path` (which may have a query). Follows Nova's and
// Neutron's "<name>_links" rel=next and Glance's "next" by their query only: behind a proxy their
// host is often wrong, and the token goes nowhere but to the endpoint. A marker that was deleted
// between two pages starts the list anew.
Task<Result<std::vector<nlohmann::json>>> list_all(Session& session, Service service,
                                                   std::string path, std::string name, int page);

// The query ("limit=2&marker=…") of the link to the next page; "" when this is the last.
std::string next_query(const nlohmann::json& body, const std::string& name);

// For a query's value.
std::string percent_encoded(std::string_view text);

}  // namespace tidepool::openstack
