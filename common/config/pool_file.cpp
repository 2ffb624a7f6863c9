#include "config/pool_file.hpp"

#include <fmt/format.h>
#include <cctype>

#include "base/file.hpp"
#include "config/pool_reader.hpp"
#include "config/yaml_reader.hpp"

namespace tidepool {

std::string_view to_string(OnSuspend mode) {
  switch (mode) {
    case OnSuspend::remove:
      return "delete";
    case OnSuspend::stop:
      return "stop";
    case OnSuspend::shelve:
      return "shelve";
    case OnSuspend::suspend:
      return "suspend";
  }
  return "delete";
}

const Pool* PoolFile::pool(std::string_view name) const {
  for (const auto& p : pools)
    if (p.name == name) return &p;
  return nullptr;
}

PoolFile::Found PoolFile::find(std::string_view node_name) const {
  const auto it = places.find(node_name);
  if (it == places.end()) return {nullptr, nullptr};
  const auto& found = pools[it->second.first];
  return {&found, &found.nodes[it->second.second]};
}

namespace {

bool good_word(const std::string& word, std::size_t longest) {
  if (word.empty() || word.size() > longest || !std::isalnum(static_cast<unsigned char>(word[0])))
    return false;
  for (const char c : word)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '_' && c != '.' && c != '-')
      return false;
  return true;
}

void read_cloud(const YAML::Node& node, CloudSection& cloud, YamlFaults& faults) {
  YamlReader r(node, "cloud", faults);
  r.required("name", "the entry of clouds.yaml to use, as in cloud: {name: moc}");
  r.text("name", cloud.name);
  r.path("config", cloud.config);
  r.integer("max_in_flight", cloud.max_in_flight, 1, 256);
  r.flag("strict", cloud.strict);
  r.finish();
}

void read_slurm(const YAML::Node& node, SlurmSection& slurm, YamlFaults& faults) {
  YamlReader r(node, "slurm", faults);
  r.path("conf", slurm.conf);
  r.path("bin_dir", slurm.bin_dir);
  r.texts("dns", slurm.dns);
  for (const auto& server : slurm.dns)
    if (auto ip = Ipv4::parse(server); !ip)
      r.fault("dns", ip.error().message, "write name servers' addresses");
  r.flag("configless", slurm.configless);
  r.text("conf_server", slurm.conf_server);
  r.texts("restart", slurm.restart);
  std::string nodes;
  r.text("nodes", nodes);
  slurm.dynamic = nodes == "dynamic";
  if (!nodes.empty() && nodes != "static" && !slurm.dynamic)
    r.fault("nodes", fmt::format("'{}' is not known", nodes), "use static or dynamic");
  // It becomes an argument in a file of the node that a shell reads.
  for (const char c : slurm.conf_server)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '.' && c != ':' &&
        c != ',') {
      r.fault("conf_server", fmt::format("'{}' is not HOST[:PORT]", slurm.conf_server));
      break;
    }
  r.finish();
}

void read_standin(const YAML::Node& node, StandinSection& standin, YamlFaults& faults) {
  YamlReader r(node, "standin", faults);
  standin.line = node.Mark().line + 1;
  r.required("node", "the NodeName of the slurmd that answers for held nodes, as in node: keeper");
  r.text("node", standin.node);
  if (!standin.node.empty() && !good_word(standin.node, 63))
    r.fault("node", fmt::format("'{}' is not a node name", standin.node));
  r.required("address", "the address at which slurmctld and the stand-in's slurmd meet");
  std::string address;
  r.text("address", address);
  if (!address.empty()) {
    if (auto ip = Ipv4::parse(address))
      standin.address = *ip;
    else
      r.fault("address", ip.error().message, "write an IPv4 address");
  }
  r.integer("port", standin.port, 1, 65'535);
  r.finish();
}

// The stand-in is always there; a pool's node comes and goes.
void check_standin(const StandinSection& standin, const YAML::Node& node, const PoolFile& file,
                   YamlFaults& faults) {
  const auto mark = [&](const char* key) { return node[key] ? node[key].Mark() : node.Mark(); };
  for (const auto& pool : file.pools) {
    for (const auto& n : pool.nodes) {
      if (n.name == standin.node)
        faults.add(mark("node"), "standin.node",
                   fmt::format("node {} is in pool {}", n.name, pool.name),
                   "the stand-in has a node name of its own");
      if (n.address && n.address == standin.address)
        faults.add(mark("address"), "standin.address",
                   fmt::format("address {} belongs to node {}", n.address->str(), n.name),
                   "use an address of the controller");
    }
  }
}

void read_log(const YAML::Node& node, LogSection& log, YamlFaults& faults) {
  YamlReader r(node, "log", faults);
  r.path("file", log.file);
  std::string level, format;
  r.text("level", level);
  r.text("format", format);
  if (!level.empty()) {
    if (auto parsed = parse_log_level(level))
      log.level = *parsed;
    else
      r.fault("level", parsed.error().message);
  }
  if (!format.empty()) {
    if (auto parsed = parse_log_format(format))
      log.format = *parsed;
    else
      r.fault("format", parsed.error().message);
  }
  r.flag("syslog", log.syslog);
  r.finish();
}

}  // namespace

std::optional<PoolFile> parse_pool_file(const std::string& text, const std::filesystem::path& path,
                                        std::vector<Diagnostic>& list) {
  const std::size_t before = list.size();
  YamlFaults faults{path.string(), list};
  const auto root = parse_yaml(text, faults);
  if (!root) return std::nullopt;
  PoolFile file;
  file.path = path;
  try {
    YamlReader r(*root, "", faults);
    r.required("cluster", "a name for this cluster, as in cluster: moc; every server carries it");
    r.text("cluster", file.cluster);
    if (!file.cluster.empty() && !good_word(file.cluster, 64))
      r.fault("cluster", fmt::format("'{}' is not a name", file.cluster),
              "use letters, digits, . _ - (64 at most), beginning with a letter or digit");
    r.required("cloud", "write cloud: {name: NAME}");
    if (const auto n = r.node("cloud"); n.IsDefined()) read_cloud(n, file.cloud, faults);
    if (const auto n = r.node("slurm"); n.IsDefined()) read_slurm(n, file.slurm, faults);
    if (const auto n = r.node("state"); n.IsDefined()) {
      YamlReader s(n, "state", faults);
      s.path("dir", file.state.dir);
      s.finish();
    }
    if (const auto n = r.node("log"); n.IsDefined()) read_log(n, file.log, faults);
    if (const auto n = r.node("policy"); n.IsDefined())
      read_policy(n, "policy", file.policy, faults);
    r.required("pools", "name at least one pool");
    if (const auto n = r.node("pools"); n.IsDefined()) read_pools(n, file, faults);
    if (const auto n = r.node("standin"); n.IsDefined()) {
      read_standin(n, file.standin, faults);
      if (n.IsMap()) check_standin(file.standin, n, file, faults);
    }
    if (const auto n = r.node("reclaim"); n.IsDefined()) read_reclaim(n, file, faults);
    r.finish();
  } catch (const YAML::Exception& e) {
    faults.add(e.mark, "", "cannot be read: " + e.msg);
  }
  for (std::size_t i = before; i < list.size(); ++i)
    if (list[i].severity == Severity::error) return std::nullopt;
  for (std::size_t p = 0; p < file.pools.size(); ++p)
    for (std::size_t n = 0; n < file.pools[p].nodes.size(); ++n)
      file.places.emplace(file.pools[p].nodes[n].name, std::pair(p, n));
  return file;
}

Result<PoolFile> load_pool_file(const std::filesystem::path& path) {
  auto text = read_file(path, kLargestYaml);
  if (!text) return fail(Error(text.error()).context("pool file"));
  std::vector<Diagnostic> faults;
  auto file = parse_pool_file(*text, std::filesystem::absolute(path), faults);
  if (file) return std::move(*file);
  std::string all;
  for (const auto& fault : faults) all += (all.empty() ? "" : "\n") + to_string(fault);
  return fail(ErrorKind::invalid, std::move(all));
}

}  // namespace tidepool
