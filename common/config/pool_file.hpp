// The pool file (tidepool.yaml), as plain structs. Edited by people, never rewritten by us.
// docs/pool-file.md and tidepool.yaml(5) describe every key.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/address.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "config/diagnostic.hpp"
#include "config/hold_mode.hpp"
#include "config/reclaim_policy.hpp"

namespace tidepool {

// What SuspendProgram does with an idle node's server.
enum class OnSuspend { remove, stop, shelve, suspend };  // YAML: delete | stop | shelve | suspend
std::string_view to_string(OnSuspend mode);

struct CloudSection {            // cloud:
  std::string name;              // entry of clouds.yaml
  std::filesystem::path config;  // path of clouds.yaml; empty: the usual places without ./
  int max_in_flight = 16;        // API requests at once, 1..256
  bool strict = false;           // refuse a clouds.yaml that others can read
};

struct SlurmSection {             // slurm:
  std::filesystem::path conf;     // slurm.conf; empty: $SLURM_CONF, then /etc/slurm/slurm.conf
  std::filesystem::path bin_dir;  // where scontrol is; empty: PATH
  std::vector<std::string> dns;   // name servers for the nodes' resolv.conf
  bool configless = true;         // nodes fetch slurm.conf from slurmctld (--conf-server)
  std::string conf_server;        // host[:port] given to the nodes; empty: SlurmctldHost
  // nodes: dynamic. slurm.conf has none of the pools' nodes: they are made in slurmctld by
  // `scontrol create nodename=…`, and come to their partitions by their features. Else: static.
  bool dynamic = false;
  // For `tidepool apply`: argv that restarts slurmctld on this machine, run with the rights that
  // apply was started with; empty: systemctl restart slurmctld.
  std::vector<std::string> restart;
};

struct StateSection {  // state:
  std::filesystem::path dir = "/var/lib/tidepool";
};

struct LogSection {            // log:
  std::filesystem::path file;  // empty: none
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::text;
  bool syslog = true;
};

// policy: (whole file, or in one pool)
struct Policy {
  bool all_or_nothing = true;    // a job whose nodes cannot all come gives up the others too
  Millis cool_off{60'000};       // a pool rests after quota / no valid host, at first
  Millis cool_off_max{600'000};  // doubled after each failure in a row, up to this
  Millis boot_timeout{0};   // ACTIVE server to registered slurmd; 0: slurm.conf's ResumeTimeout
  Millis give_up_after{0};  // retry a cloud that does not answer this long; 0: boot timeout
  int protect_after = 10;   // boot failures in a row until protected mode; 0: never
  Millis protected_for{1'800'000};  // then one node may try again
  Millis orphan_grace{600'000};     // reconcile deletes an orphan that is older than this
  Millis poll{2'000};               // between two listings while something moves
  Millis poll_idle{30'000};         // between two listings while nothing does
};

// Does a server that is put away in this mode come back with its processes?
constexpr bool keeps_memory(HoldMode mode) {
  return mode == HoldMode::pause || mode == HoldMode::suspend || mode == HoldMode::hibernate;
}

struct HoldSection {                               // hold:
  std::vector<HoldMode> modes{HoldMode::suspend};  // first choice first
  bool preemptible = false;
  std::optional<Millis> max_held;
  HoldMode then = HoldMode::requeue;  // only requeue is valid today
  Millis action_timeout{1'800'000};   // a server that hangs in its task this long is given up
  Millis return_timeout{3'600'000};   // how long a return is tried before the jobs are requeued
  // mode hibernate: argv run on the controller; {node} and {address} are replaced. Exit code 0: the
  // guest is going down; else it refused and its job goes on. Empty: Nova's os-stop (the power
  // key).
  std::vector<std::string> hibernate_command;
  Millis hibernate_timeout{600'000};  // until the server is SHUTOFF
  bool given = false;                 // the pool has a hold: section, if only an empty one
  std::vector<HoldMode> allow;        // what jobs may choose besides `modes` (--hold-mode)
  bool owner_may_refuse = true;       // --no-hold
};

// standin: the slurmd that answers slurmctld's pings for held nodes (its own NodeName, always on,
// in no partition, on the same SlurmdPort as the nodes). Without it nothing can be held.
struct StandinSection {
  std::string node;             // NodeName; empty: none
  std::optional<Ipv4> address;  // NodeAddr; set whenever `node` is
  int port = 6818;              // SlurmdPort
  int line = 0;                 // of the section, for messages

  bool given() const { return !node.empty(); }
};

// What makes the servers able to hibernate. YAML: false | true | image
enum class GuestHibernate {
  no,       // nothing is known of it
  prepare,  // tidepool's user_data prepares a plain image when it first boots (etc/guest)
  image     // the image is prepared already; nothing is added
};

struct GuestSection {  // guest:
  GuestHibernate hibernate = GuestHibernate::no;
  int swap_mib = 0;  // of the swap file that `prepare` makes; 0: as much as the server's memory
};

struct PoolNode {
  std::string name;
  std::optional<Ipv4> address;  // nullopt with address: dhcp
};

struct Pool {
  std::string name;
  std::vector<PoolNode> nodes;  // in the file's order, names and addresses paired
  bool dhcp = false;            // address: dhcp
  std::optional<Cidr> cidr;     // addresses: was a CIDR, or `subnet:` was given
  std::string network;          // name or id
  std::string flavor;
  std::string image;
  std::string partition;                     // empty: none is written by slurm-conf
  std::string key_name;                      // empty: none
  std::string availability_zone;             // empty: any
  std::vector<std::string> security_groups;  // empty: the project's default
  bool config_drive = false;
  std::filesystem::path user_data;  // empty: only what tidepool adds
  OnSuspend on_suspend = OnSuspend::remove;
  HoldSection hold;
  GuestSection guest;
  Policy policy;                      // the file's policy with the pool's own on top
  std::vector<std::string> features;  // for slurm-conf
  int line = 0;                       // of the pool's key, for messages
};

struct PoolFile {
  std::filesystem::path path;
  std::string cluster;  // [A-Za-z0-9][A-Za-z0-9_.-]{0,63}
  CloudSection cloud;
  SlurmSection slurm;
  StateSection state;
  LogSection log;
  StandinSection standin;
  ReclaimSection reclaim;
  Policy policy;
  std::vector<Pool> pools;

  // Node name -> its place in pools[].nodes[]; made by parse_pool_file().
  std::map<std::string, std::pair<std::size_t, std::size_t>, std::less<>> places;

  const Pool* pool(std::string_view name) const;  // nullptr: no such pool
  // The pool and the node of that name; {nullptr, nullptr}: in no pool.
  struct Found {
    const Pool* pool;
    const PoolNode* node;
  };
  Found find(std::string_view node_name) const;
};

inline constexpr std::size_t kMaxNodes = 65'536;  // of all pools together

// Reads and validates; every fault is found, not just the first. On failure the Error's message is
// all diagnostics, one a line ("FILE:LINE:COLUMN: pools.osg.nodes: what is wrong; the fix").
Result<PoolFile> load_pool_file(const std::filesystem::path& path);
// The same on text (tests, fuzzing); `path` is for messages. Faults are appended to `faults`.
std::optional<PoolFile> parse_pool_file(const std::string& text, const std::filesystem::path& path,
                                        std::vector<Diagnostic>& faults);

}  // namespace tidepool
