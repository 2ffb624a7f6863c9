// What a probe makes in the cloud, how it is known again, and how it goes away whatever happens.
//
// Servers carry the cluster's metadata and the probe's mark, but no node: to the worker they are no
// node's server, neither lost nor orphaned. Their names and their images' begin alike. An intent on
// disk is older than the first of them and goes after the last.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/async.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "openstack/cloud.hpp"

namespace tidepool {

struct Surroundings;

inline constexpr const char* kMetaProbe = "tidepool-probe";

struct ProbeIntent {
  std::string id;       // 8 hexadecimal digits
  std::string cloud;    // where
  Time begun{};         // of the probe
  Time create_begun{};  // a POST /servers whose outcome is not known; epoch: none
};
// Held while a probe runs.
std::filesystem::path probe_lock(const std::filesystem::path& state_dir);
Result<void> save_intent(const std::filesystem::path& state_dir, const ProbeIntent& intent);
// nullopt: none. One that cannot be read counts as one that knows nothing but that it was.
std::optional<ProbeIntent> load_intent(const std::filesystem::path& state_dir);
Result<void> remove_intent(const std::filesystem::path& state_dir);

// "tidepool-probe-CLUSTER-ID"; servers and images append to it.
std::string probe_name(const std::string& cluster, const std::string& id);
// Is it the name of something that a probe of this cluster made? Cluster "a" knows that
// "tidepool-probe-a-b-0a1b2c3d-1" is cluster a-b's.
bool is_probe_name(const std::string& cluster, std::string_view name);

struct ProbeThings {
  std::vector<openstack::Server> servers;
  std::vector<openstack::ImageInfo> images;
  bool empty() const { return servers.empty() && images.empty(); }
};
Task<Result<ProbeThings>> find_probe_things(openstack::Cloud& cloud, std::string cluster);

// Deletes all of them and waits until they are gone, at most `patience`. With `in_doubt` the answer
// to a create is outstanding: it also waits a minute from then for the server to show. How many
// things there were.
Task<Result<int>> remove_probe_things(openstack::Cloud& cloud, std::string cluster, Millis patience,
                                      Time in_doubt);

// The worker's part: a probe was killed longer than policy.orphan_grace ago and nobody has probed
// since. Deletes what it left, some in each round; the intent goes when there is nothing more.
Task<Result<void>> sweep_killed_probe(Surroundings& s);

}  // namespace tidepool
