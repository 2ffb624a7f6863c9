// What tidepool needs from slurm.conf(5): parameters, nodes, partitions. Include lines followed.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace tidepool {

struct SlurmConfNode {
  std::string name;
  std::string address;             // NodeAddr, else NodeHostname, else name
  bool cloud = false;              // State=CLOUD
  std::map<std::string, std::string> values;  // keys in lower case, DEFAULT applied
  std::string file;
  int line = 0;
};

struct SlurmConfPartition {
  std::string name;
  std::vector<std::string> nodes;  // expanded
  std::map<std::string, std::string> values;  // keys in lower case
};

struct SlurmConf {
  std::filesystem::path path;
  std::map<std::string, std::string> values;   // keys in lower case; the last one wins
  std::map<std::string, SlurmConfNode> nodes;  // by name
  std::vector<SlurmConfPartition> partitions;

  std::optional<std::string> value(std::string_view key) const;  // any case
  // Seconds of a numeric key; `otherwise` when absent. INFINITE/-1 is nullopt.
  std::optional<long> seconds(std::string_view key, long otherwise) const;
  // True when a comma list such as SlurmctldParameters has the word (alone or as word=value).
  bool has_option(std::string_view key, std::string_view word) const;
};

Result<SlurmConf> load_slurm_conf(const std::filesystem::path& path);

}  // namespace tidepool
