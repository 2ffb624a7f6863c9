#include <unistd.h>

#include <fmt/format.h>
#include <algorithm>
#include <cctype>

#include "base/hostlist.hpp"
#include "config/check.hpp"

namespace tidepool {
namespace {

class Parameters {
 public:
  Parameters(const PoolFile& pools, const SlurmConf& conf, SlurmVersion version,
             std::vector<Diagnostic>& into)
      : pools_(pools), conf_(conf), version_(version), into_(into) {
    for (const auto& pool : pools.pools) {
      nodes_ += static_cast<long>(pool.nodes.size());
      dhcp_ = dhcp_ || pool.dhcp;
    }
  }

  void run() {
    programs();
    times();
    slurmctld_parameters();
    network();
    configless();
    exceptions();
    if (pools_.slurm.dynamic) dynamic();
  }

 private:
  // Points at the parameter's line, or at the file when it is not set.
  void add(Severity severity, std::string_view key, std::string what, std::string fix) {
    Diagnostic d{severity,        conf_.path.string(), 0, 0, std::string(key),
                 std::move(what), std::move(fix)};
    std::string low(key);
    std::transform(low.begin(), low.end(), low.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (const auto it = conf_.places.find(low); it != conf_.places.end()) {
      d.file = it->second.file;
      d.line = it->second.line;
    }
    into_.push_back(std::move(d));
  }

  void program(std::string_view key, std::string_view installed, Severity severity,
               std::string_view without) {
    const auto value = conf_.value(key);
    if (!value || value->empty() || *value == "(null)") {
      add(severity, key, fmt::format("is not set: {}", without),
          fmt::format("{}=/usr/libexec/tidepool/{}", key, installed));
      return;
    }
    const std::string path = value->substr(0, value->find_first_of(" \t"));
    if (::access(path.c_str(), X_OK) != 0)
      add(Severity::error, key, fmt::format("{} is not there, or cannot be executed", path),
          "name the program's full path; SlurmUser must be able to run it");
  }

  void programs() {
    program("ResumeProgram", "tidepool-resume", Severity::error, "no node is ever created");
    program("SuspendProgram", "tidepool-suspend", Severity::error, "no node ever goes away");
    program("ResumeFailProgram", "tidepool-resume-fail", Severity::warning,
            "tidepool is not told when Slurm gives up waiting for a node");
  }

  bool partition_suspends() const {
    return std::any_of(conf_.partitions.begin(), conf_.partitions.end(), [](const auto& p) {
      const auto it = p.values.find("suspendtime");
      return it != p.values.end() && it->second != "-1" && it->second != "INFINITE";
    });
  }

  void times() {
    // Without any SuspendTime power saving is off as a whole, resuming too.
    if (conf_.seconds("SuspendTime", -1).value_or(-1) < 0 && !partition_suspends())
      add(Severity::error, "SuspendTime",
          "is not set or turned off: power saving does not work at all",
          "SuspendTime=300 (seconds that a node may be idle)");
    if (const auto t = conf_.seconds("ResumeTimeout", 60); t && *t < 120)
      add(Severity::warning, "ResumeTimeout",
          fmt::format("{} s is short for a server to be created and to boot", *t),
          "ResumeTimeout=600, or twice the slowest boot of your image");
    if (const auto t = conf_.seconds("SuspendTimeout", 30); t && *t < 30)
      add(Severity::warning, "SuspendTimeout",
          fmt::format("{} s: a node may be asked for again while its old server still goes away",
                      *t),
          "SuspendTimeout=60");
    if (const auto t = conf_.seconds("BatchStartTimeout", 10); t && *t < 10)
      add(Severity::warning, "BatchStartTimeout",
          fmt::format("{} s: a batch job on a node that has just booted may be taken for lost", *t),
          "BatchStartTimeout=10 (the default) or more");
    if (const auto t = conf_.seconds("InactiveLimit", 0); t && *t != 0)
      add(Severity::warning, "InactiveLimit",
          fmt::format("{} s: Slurm ends an interactive job whose node is held that long", *t),
          "InactiveLimit=0");
    if (const auto t = conf_.seconds("SlurmdTimeout", 300); t && *t == 0)
      add(Severity::note, "SlurmdTimeout", "0: Slurm never notices a dead node of any kind",
          "SlurmdTimeout=300");
  }

  void slurmctld_parameters() {
    constexpr std::string_view kKey = "SlurmctldParameters";
    if (!conf_.has_option(kKey, "idle_on_node_suspend"))
      add(Severity::warning, kKey,
          "lacks idle_on_node_suspend: a node that failed stays down after its server has gone",
          "add idle_on_node_suspend");
    const bool reg_addrs = conf_.has_option(kKey, "cloud_reg_addrs");
    if (reg_addrs && version_ >= kCloudRegAddrs)
      add(Severity::note, kKey,
          "cloud_reg_addrs is the default of this version, which complains of it", "take it out");
    if (conf_.has_option(kKey, "cloud_dns") && !dhcp_)
      add(Severity::warning, kKey,
          "cloud_dns: Slurm asks DNS for the nodes and does not hand their addresses on",
          "take it out: tidepool gives every node's address to Slurm");
  }

  void network() {
    // Slurm 22.05's default; later ones have other small numbers.
    const long width = conf_.seconds("TreeWidth", 50).value_or(50);
    if (width < nodes_)
      add(Severity::warning, "TreeWidth",
          fmt::format(
              "{} is less than the pools' {} nodes: messages travel through nodes that come "
              "and go, and a held one is lost",
              width, nodes_),
          "TreeWidth=65533");
    if (conf_.seconds("ReturnToService", 0).value_or(0) != 2)
      add(Severity::warning, "ReturnToService",
          "is not 2: a node that was down, for whatever reason, stays so after it has registered",
          "ReturnToService=2");
    if (!conf_.has_option("PrivateData", "cloud"))
      add(Severity::warning, "PrivateData", "lacks cloud: sinfo hides powered-down nodes",
          "PrivateData=cloud");
  }

  void configless() {
    if (!pools_.slurm.configless) return;
    if (!conf_.has_option("SlurmctldParameters", "enable_configless"))
      add(Severity::warning, "SlurmctldParameters",
          "lacks enable_configless, but the pool file says slurm.configless: true: slurmd could "
          "not "
          "fetch slurm.conf",
          "add enable_configless; or slurm: {configless: false} when the image has a slurm.conf");
    if (pools_.slurm.conf_server.empty() && !conf_.value("SlurmctldHost") &&
        !conf_.value("ControlMachine"))
      add(Severity::error, "SlurmctldHost",
          "is not set: nodes could not be told where slurmctld is",
          "set it here, or slurm: {conf_server: HOST} in the pool file");
  }

  void dynamic() {
    const std::string is =
        conf_.value("SelectType").value_or(version_ >= kConsTres ? "select/cons_tres" : "");
    if (is != "select/cons_tres")
      add(Severity::error, "SelectType", "Slurm makes dynamic nodes only with select/cons_tres",
          "SelectType=select/cons_tres");
    const long all = nodes_ + static_cast<long>(conf_.nodes.size());
    const long most = conf_.seconds("MaxNodeCount", 0).value_or(0);
    if (most < all)
      add(Severity::error, "MaxNodeCount",
          fmt::format("{} for {} nodes: slurmctld would not make them all",
                      most == 0 ? std::string("is not set") : std::to_string(most), all),
          fmt::format("MaxNodeCount={}, or what there may be at most one day", all));
  }

  void exceptions() {
    const auto list = conf_.value("SuspendExcNodes");
    if (!list) return;
    // "node[1-3]:2" keeps two of them: the count is not part of the names.
    const auto names = expand_hostlist(std::string_view(*list).substr(0, list->find(':')));
    if (!names) return;
    std::vector<std::string> kept;
    for (const auto& name : *names)
      if (pools_.find(name).pool != nullptr) kept.push_back(name);
    if (!kept.empty())
      add(Severity::note, "SuspendExcNodes",
          fmt::format("{} never go away once they are up", format_hostlist(kept)), "");
  }

  const PoolFile& pools_;
  const SlurmConf& conf_;
  const SlurmVersion version_;
  std::vector<Diagnostic>& into_;
  long nodes_ = 0;
  bool dhcp_ = false;
};

}  // namespace

void check_parameters(const PoolFile& pools, const SlurmConf& conf, SlurmVersion version,
                      std::vector<Diagnostic>& into) {
  Parameters(pools, conf, version, into).run();
}

}  // namespace tidepool
