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
  std::string address;                        // NodeAddr, else NodeHostname, else name
  bool cloud = false;                         // State=CLOUD
  std::map<std::string, std::string> values;  // keys in lower case, DEFAULT applied
  std::string file;
  int line = 0;
};

struct SlurmConfPartition {
  std::string name;
  std::vector<std::string> nodes;             // expanded; names of node sets stay as they are
  std::map<std::string, std::string> values;  // keys in lower case, DEFAULT applied
  std::string file;
  int line = 0;
};

struct SlurmConfPlace {
  std::string file;
  int line = 0;
};

struct SlurmConf {
  std::filesystem::path path;
  std::map<std::string, std::string> values;     // keys in lower case; the last one wins
  std::map<std::string, SlurmConfPlace> places;  // where each of `values` was read
  std::map<std::string, SlurmConfNode> nodes;    // by name
  std::vector<SlurmConfPartition> partitions;
  std::map<std::string, std::string> node_sets;  // NodeSet -> its Feature; "": it has none
  std::vector<std::string> controllers;          // SlurmctldHost lines, the primary first

  // What slurmd's --conf-server takes: "host[:port],…"; empty: no SlurmctldHost.
  std::string conf_server() const;
  std::optional<std::string> value(std::string_view key) const;  // any case
  // Seconds of a numeric key; `otherwise` when absent. INFINITE/-1 is nullopt.
  std::optional<long> seconds(std::string_view key, long otherwise) const;
  // True when a comma list such as SlurmctldParameters has the word (alone or as word=value).
  bool has_option(std::string_view key, std::string_view word) const;
};

// Faults are "FILE:LINE: what". Includes are followed 8 deep, 256 files in all.
Result<SlurmConf> load_slurm_conf(const std::filesystem::path& path);
// The same on text (tests, fuzzing); Include lines are relative to `path`'s folder.
Result<SlurmConf> parse_slurm_conf(const std::string& text, const std::filesystem::path& path);

}  // namespace tidepool
