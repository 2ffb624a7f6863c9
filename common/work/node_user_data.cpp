#include "work/node_user_data.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "config/guest_script.hpp"
#include "config/user_data.hpp"

namespace tidepool {

std::string to_json(const NodeExtras& extras) {
  if (extras.dns.empty() && extras.slurm_conf.empty()) return {};
  const nlohmann::json root{{"dns", extras.dns}, {"slurm_conf", extras.slurm_conf}};
  return root.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<NodeExtras> extras_from_json(const std::string& text) {
  NodeExtras extras;
  if (text.empty()) return extras;
  const auto root = nlohmann::json::parse(text, nullptr, false);
  const auto bad = [] {
    return fail(ErrorKind::internal, "the node's extras in the store are no JSON");
  };
  if (!root.is_object()) return bad();
  if (const auto it = root.find("dns"); it != root.end()) {
    if (!it->is_array()) return bad();
    for (const auto& server : *it) {
      if (!server.is_string()) return bad();
      extras.dns.push_back(server.get<std::string>());
    }
  }
  if (const auto it = root.find("slurm_conf"); it != root.end()) {
    if (!it->is_string()) return bad();
    extras.slurm_conf = it->get<std::string>();
  }
  return extras;
}

Result<std::string> node_user_data(const PoolFile& pools, const Pool& pool, const std::string& node,
                                   const std::string& extras_json) {
  auto extras = extras_from_json(extras_json);
  if (!extras) return tl::unexpected(extras.error());
  UserDataRequest request;
  request.node = node;
  request.dns = extras->dns.empty() ? pools.slurm.dns : extras->dns;
  request.slurm_conf = extras->slurm_conf;
  request.dynamic = pools.slurm.dynamic;
  if (request.slurm_conf.empty() && pools.slurm.configless)
    request.conf_server = pools.slurm.conf_server;
  if (pool.guest.hibernate == GuestHibernate::prepare)
    request.guest = guest_script(pool.guest.swap_mib);
  if (!pool.user_data.empty()) {
    auto own = read_file(pool.user_data, 64u << 10);
    if (!own) return fail(Error(own.error()).context(fmt::format("pool {}: user_data", pool.name)));
    request.own = std::move(*own);
  }
  return build_user_data(request);
}

}  // namespace tidepool
