#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <regex>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "cloud/hooks.hpp"
#include "cloud/model.hpp"
#include "cloud/scheduler.hpp"
#include "cloud/settings.hpp"

// The one model, and the look-ups that several services share.
namespace tidepool::sim {

struct Usage {
  long instances = 0, cores = 0, ram = 0;
};

// What a scripted step of a server's life shall come to (POST /_sim/outcomes).
struct Outcome {
  std::string action;  // "boot", "suspend", ..: the keys of Times
  std::regex server;   // searched in the server's name and id
  std::string result;  // "error", "lost" (back to where it was, no task), "hang"
  std::string message;
  int times = 1;  // -1: for ever
};

// Books that are behind (PUT /_sim/lag): what a server has given back is counted for a while yet.
struct Lag {
  Millis after{0};    // how long
  std::regex server;  // whose: searched in the server's name and id
};

// What a server that has left its host is still charged with.
struct Late {
  ServerPtr server;
  std::string host;
  std::chrono::steady_clock::time_point until;
};

class Cloud {
 public:
  explicit Cloud(Settings settings);

  // Guards everything below it. Never held while a hook or a request waits.
  std::mutex mutex;
  Settings settings;
  std::map<std::string, Project> projects;
  std::map<std::string, User> users;
  std::map<std::string, Credential> credentials;
  std::unordered_map<std::string, Token> tokens;
  std::vector<Flavor> flavors;
  std::map<std::string, Image> images;
  std::map<std::string, Network> networks;
  std::unordered_map<std::string, Port> ports;
  std::vector<Host> hosts;
  std::unordered_map<std::string, ServerPtr> servers;
  std::vector<ServerPtr> order;  // by creation, oldest first
  std::set<std::string> denied;  // actions that policy forbids
  std::vector<Outcome> outcomes;
  Lag lag;
  std::vector<Late> late;
  // The most that each project has used at once, since it got its quota.
  std::map<std::string, Usage> most;
  std::size_t steps = 0;  // steps of servers' lives now under way
  // Steps that wait for their compute host to come back, by the host's name.
  std::multimap<std::string, std::function<void()>> hung;
  std::string nova_url, keystone_url;  // as in the catalog

  Scheduler scheduler;
  Hooks hooks;

  Project* project_by_name(const std::string& name);
  const Flavor* flavor(const std::string& id) const;
  // A server that this id shows: not one that is gone for good.
  ServerPtr server(const std::string& id) const;
  ServerPtr add_server(Server server);
  Host* host(const std::string& name);
  Usage usage(const std::string& project_id) const;        // as nova counts for its quotas
  Usage allocations(const std::string& project_id) const;  // as placement holds them
  Usage host_usage(const std::string& name) const;
  // Where placement still has it, although it is there no more: a host's name, or "".
  std::string late_host(const Server& server) const;
  void take(Server& server, const std::string& host);  // placement's allocation
  void give_back(Server& server);
  void note_most(const std::string& project_id);

  bool sees(const Network& network, const Token& token) const;
  // On a network that another project owns only an admin may choose addresses.
  bool may_choose_address(const Network& network, const std::string& project, bool admin) const;
  Port* port_at(const std::string& network_id, std::uint32_t address);
  std::optional<std::uint32_t> free_address(const Network& network);
  Port& add_port(const Network& network, std::uint32_t address, const std::string& project_id);
  void remove_port(const std::string& id);

  Millis time(const std::string& step) const { return settings.times.at(step); }

 private:
  std::uint64_t numbers_ = 0;
  std::unordered_map<std::string, std::string> by_address_;  // "network/address" -> port id
  std::map<std::string, std::uint32_t> next_address_;        // where to look on, by network
};

}  // namespace tidepool::sim
