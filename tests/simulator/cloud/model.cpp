#include "cloud/model.hpp"

#include <algorithm>

namespace tidepool::sim {

bool Token::admin() const {
  return std::find(roles.begin(), roles.end(), "admin") != roles.end();
}

std::string status_of(const Server& server) {
  static const std::map<std::string, std::string> kByState = {
      {"building", "BUILD"},  {"active", "ACTIVE"},   {"paused", "PAUSED"},
      {"stopped", "SHUTOFF"}, {"error", "ERROR"},     {"suspended", "SUSPENDED"},
      {"deleted", "DELETED"}, {"shelved", "SHELVED"}, {"shelved_offloaded", "SHELVED_OFFLOADED"},
  };
  if (server.vm_state == "active" || server.vm_state == "stopped") {
    if (server.task_state == "rebooting") return "REBOOT";
    if (server.task_state == "rebooting_hard") return "HARD_REBOOT";
    if (server.task_state == "rebuilding") return "REBUILD";
  }
  const auto found = kByState.find(server.vm_state);
  return found == kByState.end() ? "UNKNOWN" : found->second;
}

}  // namespace tidepool::sim
