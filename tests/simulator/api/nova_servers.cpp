#include "api/api.hpp"
#include "api/nova_create.hpp"
#include "api/nova_list.hpp"
#include "api/nova_view.hpp"
#include "cloud/actions.hpp"
#include "cloud/ids.hpp"

// /servers: show, change, delete, metadata, interfaces.
namespace tidepool::sim {
namespace {

Reply show_server(Call& call) {
  const ServerPtr server = visible_server(call, call.args[0]);
  if (!server) return nova_not_found(call.args[0]);
  return reply(200, {{"server", server_view(call, *server, true)}});
}

Reply remove_server(Call& call) {
  const ServerPtr server = visible_server(call, call.args[0]);
  if (!server || server->vm_state == "deleted") return nova_not_found(call.args[0]);
  if (call.cloud.denied.count("delete") != 0) return nova_forbidden("servers:delete");
  if (!server->locked_by.empty() && !call.token.admin())
    return nova_error(409, "Instance " + server->id + " is locked");
  start_delete(call.cloud, server);
  return reply(204);
}

Reply change_server(Call& call) {
  const ServerPtr server = visible_server(call, call.args[0]);
  if (!server) return nova_not_found(call.args[0]);
  const json given = call.body.is_object() ? call.body.value("server", json()) : json();
  if (!given.is_object()) return nova_error(400, "Invalid input for field/attribute server.");
  if (given.contains("name")) server->name = given.at("name").get<std::string>();
  if (given.contains("description") && call.minor >= 19) {
    server->description.reset();
    if (given.at("description").is_string())
      server->description = given.at("description").get<std::string>();
  }
  server->updated = wall_now();
  return reply(200, {{"server", server_view(call, *server, true)}});
}

Reply metadata(Call& call) {
  const ServerPtr server = visible_server(call, call.args[0]);
  if (!server) return nova_not_found(call.args[0]);
  return reply(200, {{"metadata", server->metadata}});
}

// POST adds to it, PUT replaces it.
Reply set_metadata(Call& call, bool replace) {
  const ServerPtr server = visible_server(call, call.args[0]);
  if (!server) return nova_not_found(call.args[0]);
  const json given = call.body.is_object() ? call.body.value("metadata", json()) : json();
  if (auto refused = check_metadata(given)) return *refused;
  if (replace) server->metadata.clear();
  for (const auto& [key, value] : given.items()) server->metadata[key] = value.get<std::string>();
  server->updated = wall_now();
  return reply(200, {{"metadata", server->metadata}});
}

Reply show_item(Call& call) {
  const ServerPtr server = visible_server(call, call.args[0]);
  if (!server) return nova_not_found(call.args[0]);
  const auto item = server->metadata.find(call.args[1]);
  if (item == server->metadata.end()) return nova_error(404, "Metadata item was not found");
  return reply(200, {{"meta", {{item->first, item->second}}}});
}

Reply set_item(Call& call) {
  const ServerPtr server = visible_server(call, call.args[0]);
  if (!server) return nova_not_found(call.args[0]);
  const json given = call.body.is_object() ? call.body.value("meta", json()) : json();
  if (auto refused = check_metadata(given)) return *refused;
  if (given.size() != 1 || !given.contains(call.args[1]))
    return nova_error(400, "Request body and URI mismatch");
  server->metadata[call.args[1]] = given.at(call.args[1]).get<std::string>();
  server->updated = wall_now();
  return reply(200, {{"meta", given}});
}

Reply delete_item(Call& call) {
  const ServerPtr server = visible_server(call, call.args[0]);
  if (!server) return nova_not_found(call.args[0]);
  if (server->metadata.erase(call.args[1]) == 0)
    return nova_error(404, "Metadata item was not found");
  server->updated = wall_now();
  return reply(204);
}

Reply interfaces(Call& call) {
  const ServerPtr server = visible_server(call, call.args[0]);
  if (!server) return nova_not_found(call.args[0]);
  json all = json::array();
  for (const auto& id : server->ports) {
    const Port& port = call.cloud.ports.at(id);
    const Network& network = call.cloud.networks.at(port.network_id);
    all.push_back(
        {{"net_id", network.id},
         {"port_id", port.id},
         {"mac_addr", port.mac},
         {"port_state", port.status},
         {"fixed_ips",
          {{{"subnet_id", network.subnet_id}, {"ip_address", print_ipv4(port.address)}}}}});
    if (call.minor >= 70) all.back()["tag"] = nullptr;
  }
  return reply(200, {{"interfaceAttachments", all}});
}

Reply record(const Call& call, const Server& server, bool events) {
  json all = json::array();
  for (auto at = server.actions.rbegin(); at != server.actions.rend(); ++at) {
    json one = {{"action", at->action},
                {"instance_uuid", server.id},
                {"request_id", at->request_id},
                {"user_id", server.user_id},
                {"project_id", server.project_id},
                {"start_time", iso_database(at->start)},
                {"message", at->failed ? json("Error") : json()}};
    if (call.minor >= 58) one["updated_at"] = iso_database(at->updated);
    if (!events) {
      all.push_back(one);
      continue;
    }
    if (at->request_id != call.args[1]) continue;
    one["events"] = {{{"event", at->event},
                      {"start_time", iso_database(at->start)},
                      {"finish_time", iso_database(at->updated)},
                      {"result", at->failed ? "Error" : "Success"}}};
    if (call.minor >= 62) one["events"][0]["hostId"] = host_id(server.host, server.project_id);
    return reply(200, {{"instanceAction", one}});
  }
  if (events)
    return nova_error(
        404, "Action for request_id " + call.args[1] + " on instance " + server.id + " not found");
  return reply(200, {{"instanceActions", all}});
}

Reply instance_actions(Call& call, bool one) {
  const ServerPtr server = visible_server(call, call.args[0]);
  return server ? record(call, *server, one) : nova_not_found(call.args[0]);
}

}  // namespace

void add_nova_servers(Router& router) {
  const auto add = [&](const char* method, const std::string& path, Handler handler) {
    router.add(Service::kCompute, method, "/compute/v2.1/servers" + path, std::move(handler));
  };
  add("POST", "", create_server);
  add("GET", "", [](Call& call) { return list_servers(call, false); });
  add("GET", "/detail", [](Call& call) { return list_servers(call, true); });
  add("GET", "/{id}", show_server);
  add("PUT", "/{id}", change_server);
  add("DELETE", "/{id}", remove_server);
  add("GET", "/{id}/metadata", metadata);
  add("POST", "/{id}/metadata", [](Call& call) { return set_metadata(call, false); });
  add("PUT", "/{id}/metadata", [](Call& call) { return set_metadata(call, true); });
  add("GET", "/{id}/metadata/{key}", show_item);
  add("PUT", "/{id}/metadata/{key}", set_item);
  add("DELETE", "/{id}/metadata/{key}", delete_item);
  add("GET", "/{id}/os-interface", interfaces);
  add("GET", "/{id}/os-instance-actions", [](Call& call) { return instance_actions(call, false); });
  add("GET", "/{id}/os-instance-actions/{request}",
      [](Call& call) { return instance_actions(call, true); });
  add("GET", "/{id}/os-volume_attachments", [](Call& call) {
    return visible_server(call, call.args[0]) ? reply(200, {{"volumeAttachments", json::array()}})
                                              : nova_not_found(call.args[0]);
  });
  add("GET", "/{id}/os-security-groups", [](Call& call) {
    return visible_server(call, call.args[0]) ? reply(200, {{"security_groups", json::array()}})
                                              : nova_not_found(call.args[0]);
  });
}

}  // namespace tidepool::sim
