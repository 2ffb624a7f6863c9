#pragma once
#include <map>
#include <string>
#include <vector>

#include "cloud/clock.hpp"
#include "cloud/model.hpp"

// What the command line, and later /_sim/, may set.
namespace tidepool::sim {

struct FlavorSpec {
  std::string name;
  long vcpus = 1, ram = 2048, disk = 10;
};

struct NetworkSpec {
  std::string name, owner;  // owner: a project's name
  Block block;
  bool shared = false;
};

// How long each step of a server's life takes. The keys are the only ones allowed.
using Times = std::map<std::string, Millis>;
Times default_times();

struct Settings {
  std::string listen = "127.0.0.1";
  std::vector<FlavorSpec> flavors;
  std::vector<NetworkSpec> networks;
  std::vector<std::string> images;
  Quota quota;                        // of every project until it gets its own
  bool count_from_placement = false;  // nova's [quota] count_usage_from_placement
  long shelved_offload_seconds = 0;   // nova's [DEFAULT] shelved_offload_time; -1 never
  long hosts = 4, host_cores = 1000, host_ram = 800000, host_disk = 600000;
  Millis token_ttl{24L * 3600 * 1000};
  Times times = default_times();
  std::string hook;  // a program, or "" for none
  int hook_limit = 8;
  Millis hook_timeout{120000};
};

}  // namespace tidepool::sim
