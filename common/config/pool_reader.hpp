// The pools: and policy: sections of the pool file. Internal to config/.
#pragma once

#include <string>

#include "config/pool_file.hpp"
#include "config/yaml_reader.hpp"

namespace tidepool {

void read_policy(const YAML::Node& node, const std::string& path, Policy& policy,
                 YamlFaults& faults);
// guest: of one pool. In pool_guest.cpp.
void read_guest(const YAML::Node& node, const std::string& path, GuestSection& guest,
                YamlFaults& faults);
// reclaim:; file.pools and file.state must be read already. In pool_reclaim.cpp.
void read_reclaim(const YAML::Node& node, PoolFile& file, YamlFaults& faults);
// The modes at `key`, first choice first; those that are none are faults.
std::vector<HoldMode> read_modes(YamlReader& reader, const char* key);
// Fills file.pools; file.policy must be read already. Finds overlaps between pools too.
void read_pools(const YAML::Node& node, PoolFile& file, YamlFaults& faults);

}  // namespace tidepool
