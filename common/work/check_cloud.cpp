#include "work/check_cloud.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <map>

#include "base/hostlist.hpp"
#include "work/check_guest_image.hpp"

namespace tidepool {
namespace {

class Check {
 public:
  Check(const PoolFile& pools, openstack::Cloud& cloud) : pools_(pools), cloud_(cloud) {}

  Task<Result<CloudFinding>> run() {
    auto identity = co_await cloud_.session().identity();
    if (!identity) co_return tl::unexpected(identity.error());
    project_id_ = identity->project_id;
    auto servers = co_await cloud_.compute().list_servers();
    if (!servers) co_return tl::unexpected(servers.error());
    for (const auto& server : *servers)
      if (server.meta(openstack::kMetaCluster) == pools_.cluster) ours_.insert(server.id);
    for (const auto& pool : pools_.pools) {
      if (auto done = co_await flavor(pool); !done) co_return tl::unexpected(done.error());
      if (auto done = co_await image(pool); !done) co_return tl::unexpected(done.error());
      if (auto done = co_await network(pool); !done) co_return tl::unexpected(done.error());
    }
    if (auto done = co_await quota(); !done) co_return tl::unexpected(done.error());
    co_return std::move(found_);
  }

 private:
  void add(const Pool& pool, const char* key, Severity severity, std::string what,
           std::string fix) {
    found_.diagnostics.push_back({severity, pools_.path.string(), pool.line, 0,
                                  fmt::format("pools.{}.{}", pool.name, key), std::move(what),
                                  std::move(fix)});
  }

  // A name that does not exist is a finding; a cloud that does not answer is an error.
  Result<void> missing(const Pool& pool, const char* key, const Error& error, const char* fix) {
    if (error.kind != ErrorKind::not_found && error.kind != ErrorKind::conflict)
      return fail(Error(error));
    add(pool, key, Severity::error, error.message, fix);
    return {};
  }

  Task<Result<void>> flavor(const Pool& pool) {
    auto flavor = co_await cloud_.compute().find_flavor(pool.flavor);
    if (!flavor) co_return missing(pool, "flavor", flavor.error(), "see 'openstack flavor list'");
    found_.flavors[pool.name] = *flavor;
    co_return Result<void>{};
  }

  Task<Result<void>> image(const Pool& pool) {
    auto image = co_await cloud_.image().find_image(pool.image);
    if (!image) co_return missing(pool, "image", image.error(), "see 'openstack image list'");
    if (image->status != "active")
      add(pool, "image", Severity::error, fmt::format("image {} is {}", pool.image, image->status),
          "wait until it is active, or upload it again");
    if (const auto it = found_.flavors.find(pool.name); it != found_.flavors.end()) {
      if (image->min_ram_mib > it->second.ram_mib ||
          (it->second.disk_gib > 0 && image->min_disk_gib > it->second.disk_gib))
        add(pool, "image", Severity::error,
            fmt::format(
                "image {} needs {} MiB of memory and {} GiB of disk, flavor {} has {} and {}",
                pool.image, image->min_ram_mib, image->min_disk_gib, pool.flavor,
                it->second.ram_mib, it->second.disk_gib),
            "take a larger flavor");
      check_guest_image(pools_, pool, it->second, *image, found_.diagnostics);
    }
    co_return Result<void>{};
  }

  Task<Result<void>> network(const Pool& pool) {
    auto network = co_await cloud_.network().find_network(pool.network);
    if (!network)
      co_return missing(pool, "network", network.error(), "see 'openstack network list'");
    if (pool.dhcp) co_return Result<void>{};
    if (network->project_id != project_id_)
      add(pool, "network", Severity::warning,
          fmt::format("network {} belongs to another project: only its owner or an administrator "
                      "may choose addresses on it",
                      pool.network),
          "use a network of this project, ask for the policy create_port:fixed_ips, or write "
          "address: dhcp");
    std::vector<Cidr> subnets;
    for (const auto& subnet : network->subnets)
      if (auto cidr = Cidr::parse(subnet.cidr)) subnets.push_back(*cidr);
    std::map<std::string, std::string> node_of;
    for (const auto& node : pool.nodes) {
      if (!node.address) continue;
      node_of[node.address->str()] = node.name;
      const bool inside = std::any_of(subnets.begin(), subnets.end(),
                                      [&](const Cidr& c) { return c.contains(*node.address); });
      if (!inside) {
        std::string list;
        for (const auto& c : subnets) list += (list.empty() ? "" : ", ") + c.str();
        add(pool, "addresses", Severity::error,
            fmt::format("{} is in no subnet of network {} ({})", node.address->str(), pool.network,
                        list),
            "choose addresses of a subnet");
        break;
      }
    }
    for (const auto& subnet : network->subnets)
      if (node_of.contains(subnet.gateway_ip))
        add(pool, "addresses", Severity::error,
            fmt::format("{} is the subnet's gateway", subnet.gateway_ip), "leave it out");
    auto ports = co_await cloud_.network().list_ports(network->id);
    if (!ports) co_return tl::unexpected(ports.error());
    for (const auto& port : *ports)
      for (const auto& address : port.addresses)
        if (node_of.contains(address) && !ours_.contains(port.device_id))
          add(pool, "addresses", Severity::error,
              fmt::format("{} of node {} is used by port {} ({}{})", address, node_of[address],
                          port.id, port.device_owner.empty() ? "no owner" : port.device_owner,
                          port.device_id.empty() ? "" : ", device " + port.device_id),
              "delete that port, or leave the address out");
    co_return Result<void>{};
  }

  Task<Result<void>> quota() {
    auto limits = co_await cloud_.compute().limits();
    if (!limits) co_return tl::unexpected(limits.error());
    long instances = 0, cores = 0, ram = 0;
    for (const auto& pool : pools_.pools) {
      const auto it = found_.flavors.find(pool.name);
      if (it == found_.flavors.end()) continue;
      const long n = static_cast<long>(pool.nodes.size());
      instances += n;
      cores += n * it->second.vcpus;
      ram += n * it->second.ram_mib;
    }
    const auto compare = [&](const char* what, long need, long most) {
      if (most < 0 || need <= most) return;
      found_.diagnostics.push_back(
          {Severity::warning, pools_.path.string(), 0, 0, "pools",
           fmt::format("all pools together need {} {}, the project's quota is {}", need, what,
                       most),
           "ask for more, or let nodes that do not fit be told to Slurm as they come"});
    };
    compare("instances", instances, limits->max_instances);
    compare("cores", cores, limits->max_cores);
    compare("MiB of memory", ram, limits->max_ram_mib);
    co_return Result<void>{};
  }

  const PoolFile& pools_;
  openstack::Cloud& cloud_;
  CloudFinding found_;
  std::string project_id_;
  std::set<std::string> ours_;
};

}  // namespace

Task<Result<CloudFinding>> check_cloud(const PoolFile& pools, openstack::Cloud& cloud) {
  Check check(pools, cloud);
  co_return co_await check.run();
}

}  // namespace tidepool
