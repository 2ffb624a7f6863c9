#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

// Answers, and errors in the shape of each service (taken from a real cloud's).
namespace tidepool::sim {

using json = nlohmann::json;

struct Reply {
  int status = 200;
  json body;        // null: no body
  std::string raw;  // instead of body, when not empty
  std::string type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;

  Reply& header(std::string name, std::string value) {
    headers.emplace_back(std::move(name), std::move(value));
    return *this;
  }
};

inline Reply reply(int status, json body = nullptr) {
  return {status, std::move(body), "", "application/json", {}};
}

// {"conflictingRequest": {"code": 409, "message": ..}}: the name goes with the status.
Reply nova_error(int status, const std::string& message);
Reply nova_not_found(const std::string& server_id);
// "Policy doesn't allow os_compute_api:<rule> to be performed."
Reply nova_forbidden(const std::string& rule);
// {"NeutronError": {"type", "message", "detail"}}
Reply neutron_error(int status, const std::string& type, const std::string& message);
// {"error": {"code", "message", "title"}}
Reply keystone_error(int status, const std::string& title, const std::string& message);
// 401 with WWW-Authenticate: keystone's own and the one its middleware gives for every service.
Reply unauthorized(const std::string& keystone_url);
Reply placement_error(int status, const std::string& title, const std::string& detail,
                      const std::string& request_id);
Reply glance_error(int status, const std::string& title, const std::string& message);
// What the WSGI layers say about a path that no service knows.
Reply unknown_path();

}  // namespace tidepool::sim
