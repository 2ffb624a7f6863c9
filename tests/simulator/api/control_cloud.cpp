#include "api/api.hpp"
#include "cloud/actions.hpp"
#include "cloud/build.hpp"
#include "cloud/step.hpp"
#include "http/front.hpp"

// /_sim/: what tests read from and do to the cloud itself, past its API.
namespace tidepool::sim {
namespace {

json server_state(const Cloud& cloud, const Server& server) {
  json addresses = json::array();
  for (const auto& id : server.ports) addresses.push_back(print_ipv4(cloud.ports.at(id).address));
  return {{"id", server.id},
          {"name", server.name},
          {"project", cloud.projects.at(server.project_id).name},
          {"status", status_of(server)},
          {"vm_state", server.vm_state},
          {"task_state", server.task_state},
          {"power_state", server.power_state},
          {"host", server.host},
          {"allocated", server.allocated},
          {"addresses", addresses},
          {"metadata", server.metadata},
          {"locked", server.locked_by},
          {"fault", server.fault ? server.fault->message : ""}};
}

Reply list_servers(Cloud& cloud) {
  json all = json::array();
  for (const auto& server : cloud.order) {
    if (server->vm_state != "deleted") all.push_back(server_state(cloud, *server));
  }
  return reply(200, {{"servers", all}});
}

Reply list_ports(Cloud& cloud) {
  json all = json::array();
  for (const auto& [id, port] : cloud.ports) {
    all.push_back({{"id", id},
                   {"name", port.name},
                   {"network", cloud.networks.at(port.network_id).name},
                   {"project", cloud.projects.at(port.project_id).name},
                   {"address", print_ipv4(port.address)},
                   {"device_id", port.device_id},
                   {"made_by_nova", port.made_by_nova}});
  }
  return reply(200, {{"ports", all}});
}

// By id, or by name when it is the only one.
ServerPtr find_server(const Cloud& cloud, const std::string& wanted) {
  if (const ServerPtr server = cloud.server(wanted)) return server;
  ServerPtr found;
  for (const auto& server : cloud.order) {
    if (server->name != wanted || server->vm_state == "deleted") continue;
    if (found) throw std::invalid_argument("several servers have the name " + wanted);
    found = server;
  }
  if (!found) throw std::invalid_argument("no server " + wanted);
  return found;
}

// Whatever the server was doing is forgotten: it is now as the request says.
Reply set_server(Cloud& cloud, const std::string& id, const json& given) {
  Server& server = *find_server(cloud, id);
  ++server.epoch;
  server.task_state.clear();
  for (const auto& [key, value] : given.items()) {
    if (key == "vm_state")
      server.vm_state = value.get<std::string>();
    else if (key == "task_state")
      server.task_state = value.get<std::string>();
    else if (key == "power_state")
      server.power_state = value.get<int>();
    else if (key == "console")
      server.console = value.get<std::string>();
    else if (key == "locked")
      server.locked_by = value.get<std::string>();
    else if (key == "fault")
      fail_server(cloud, server, value.get<std::string>());
    else
      throw std::invalid_argument("unknown key: " + key);
  }
  touch(server);
  return reply(200, server_state(cloud, server));
}

// What a guest does by itself: its memory goes to its disk, it switches itself off, and nova
// notices. A guest that does not manage (its hook fails) runs on, and nova knows nothing of it.
Reply hibernate_server(Cloud& cloud, const std::string& id) {
  const ServerPtr server = find_server(cloud, id);
  if (server->vm_state != "active") return reply(409, {{"error", "the server is not ACTIVE"}});
  start_step(cloud, server,
             {"hibernate", "hibernate",
              [](Cloud&, Server& off) {
                off.vm_state = "stopped";
                off.task_state.clear();
                off.power_state = 4;
                touch(off);
              },
              [](Cloud&, Server&, const std::string&) {}});
  return reply(202);
}

Reply delete_server(Cloud& cloud, const std::string& id) {
  start_delete(cloud, find_server(cloud, id));
  return reply(204);
}

Reply set_times(Cloud& cloud, const json& given) {
  Times times = cloud.settings.times;
  for (const auto& [key, value] : given.items()) {
    const auto parsed = parse_duration(value.is_string() ? value.get<std::string>() : value.dump());
    if (times.count(key) == 0) throw std::invalid_argument("no such step: " + key);
    if (!parsed) throw std::invalid_argument(key + ": not a duration");
    times[key] = *parsed;
  }
  cloud.settings.times = times;
  json all = json::object();
  for (const auto& [key, value] : times) all[key] = std::to_string(value.count()) + "ms";
  return reply(200, all);
}

Reply set_settings(Cloud& cloud, const json& given) {
  for (const auto& [key, value] : given.items()) {
    if (key == "count_from_placement") {
      cloud.settings.count_from_placement = value.get<bool>();
    } else if (key == "shelved_offload_time") {
      cloud.settings.shelved_offload_seconds = value.get<long>();
    } else if (key == "token_ttl") {
      const auto ttl = parse_duration(value.is_string() ? value.get<std::string>() : value.dump());
      if (!ttl) throw std::invalid_argument("token_ttl: not a duration");
      cloud.settings.token_ttl = *ttl;
    } else {
      throw std::invalid_argument("unknown key: " + key);
    }
  }
  return reply(200, {{"count_from_placement", cloud.settings.count_from_placement},
                     {"shelved_offload_time", cloud.settings.shelved_offload_seconds},
                     {"token_ttl", std::to_string(cloud.settings.token_ttl.count()) + "ms"}});
}

json three(const Usage& usage) {
  return {{"instances", usage.instances}, {"cores", usage.cores}, {"ram", usage.ram}};
}

Project& project_named(Cloud& cloud, const std::string& name) {
  Project* project = cloud.project_by_name(name);
  if (!project) throw std::invalid_argument("no project " + name);
  return *project;
}

Reply show_quota(Cloud& cloud, const Project& project) {
  return reply(200, {{"instances", project.quota.instances},
                     {"cores", project.quota.cores},
                     {"ram", project.quota.ram},
                     {"used", three(cloud.usage(project.id))},
                     {"most", three(cloud.most[project.id])}});
}

Reply set_quota(Cloud& cloud, const std::string& name, const json& given) {
  Project* project = &project_named(cloud, name);
  for (const auto& [key, value] : given.items()) {
    if (key == "instances")
      project->quota.instances = value.get<long>();
    else if (key == "cores")
      project->quota.cores = value.get<long>();
    else if (key == "ram")
      project->quota.ram = value.get<long>();
    else
      throw std::invalid_argument("unknown key: " + key);
  }
  cloud.most.erase(project->id);
  cloud.note_most(project->id);
  return show_quota(cloud, *project);
}

Reply set_lag(Cloud& cloud, const json& given) {
  const json& after = given.at("after");
  const auto parsed = parse_duration(after.is_string() ? after.get<std::string>() : after.dump());
  if (!parsed) throw std::invalid_argument("after: not a duration");
  cloud.lag = {*parsed, std::regex(given.value("server", ""))};
  // What is behind catches up.
  if (*parsed == Millis(0)) cloud.late.clear();
  return reply(200, {{"after", std::to_string(parsed->count()) + "ms"}});
}

Reply set_policy(Cloud& cloud, const json& given) {
  cloud.denied = given.at("deny").get<std::set<std::string>>();
  return reply(200, {{"deny", cloud.denied}});
}

json host_state(const Cloud& cloud, const Host& host) {
  const Usage used = cloud.host_usage(host.name);
  return {{"name", host.name},        {"up", host.up},
          {"cores", host.cores},      {"ram", host.ram},
          {"cores_used", used.cores}, {"ram_used", used.ram},
          {"servers", used.instances}};
}

Reply list_hosts(Cloud& cloud) {
  json all = json::array();
  for (const Host& host : cloud.hosts) all.push_back(host_state(cloud, host));
  return reply(200, {{"hosts", all}});
}

Reply set_host_state(Cloud& cloud, const std::string& name, const json& given) {
  Host* host = cloud.host(name);
  if (!host) throw std::invalid_argument("no host " + name);
  if (given.contains("cores")) host->cores = given.at("cores").get<long>();
  if (given.contains("ram")) host->ram = given.at("ram").get<long>();
  if (given.contains("up")) set_host(cloud, *host, given.at("up").get<bool>());
  return reply(200, host_state(cloud, *host));
}

Reply set_network(Cloud& cloud, const std::string& name, const json& given) {
  for (auto& [id, network] : cloud.networks) {
    if (network.name != name) continue;
    if (given.contains("shared")) network.shared = given.at("shared").get<bool>();
    if (given.contains("owner")) {
      const Project* owner = cloud.project_by_name(given.at("owner").get<std::string>());
      if (!owner) throw std::invalid_argument("no such project");
      network.project_id = owner->id;
    }
    return reply(200, {{"id", id}, {"name", name}, {"shared", network.shared}});
  }
  throw std::invalid_argument("no network " + name);
}

Reply add_outcome(Cloud& cloud, const json& given) {
  Outcome outcome;
  outcome.action = given.at("action").get<std::string>();
  outcome.server = std::regex(given.value("server", ""));
  outcome.result = given.at("result").get<std::string>();
  outcome.message = given.value("message", "Scripted failure.");
  outcome.times = given.value("times", 1);
  if (cloud.settings.times.count(outcome.action) == 0)
    throw std::invalid_argument("no such step: " + outcome.action);
  if (outcome.result != "error" && outcome.result != "lost" && outcome.result != "hang")
    throw std::invalid_argument("result is error, lost or hang");
  cloud.outcomes.push_back(std::move(outcome));
  return reply(201, {{"outcomes", cloud.outcomes.size()}});
}

}  // namespace

void add_control_cloud(Front& front) {
  const auto add = [&front](const char* method, const char* path, auto handler) {
    front.router.add(
        Service::kControl, method, std::string("/_sim") + path,
        [&front, handler](Call& call) {
          const std::lock_guard lock(front.cloud.mutex);
          return handler(front.cloud, call);
        },
        true);
  };
  add("GET", "/servers", [](Cloud& at, Call&) { return list_servers(at); });
  add("PUT", "/servers/{id}",
      [](Cloud& at, Call& call) { return set_server(at, call.args[0], call.body); });
  add("DELETE", "/servers/{id}",
      [](Cloud& at, Call& call) { return delete_server(at, call.args[0]); });
  add("POST", "/servers/{id}/hibernate",
      [](Cloud& at, Call& call) { return hibernate_server(at, call.args[0]); });
  add("GET", "/ports", [](Cloud& at, Call&) { return list_ports(at); });
  add("GET", "/times", [](Cloud& at, Call&) { return set_times(at, json::object()); });
  add("PUT", "/times", [](Cloud& at, Call& call) { return set_times(at, call.body); });
  add("GET", "/settings", [](Cloud& at, Call&) { return set_settings(at, json::object()); });
  add("PUT", "/settings", [](Cloud& at, Call& call) { return set_settings(at, call.body); });
  add("GET", "/quotas/{project}",
      [](Cloud& at, Call& call) { return show_quota(at, project_named(at, call.args[0])); });
  add("PUT", "/lag", [](Cloud& at, Call& call) { return set_lag(at, call.body); });
  add("PUT", "/quotas/{project}",
      [](Cloud& at, Call& call) { return set_quota(at, call.args[0], call.body); });
  add("PUT", "/policy", [](Cloud& at, Call& call) { return set_policy(at, call.body); });
  add("GET", "/hosts", [](Cloud& at, Call&) { return list_hosts(at); });
  add("PUT", "/hosts/{name}",
      [](Cloud& at, Call& call) { return set_host_state(at, call.args[0], call.body); });
  add("PUT", "/networks/{name}",
      [](Cloud& at, Call& call) { return set_network(at, call.args[0], call.body); });
  add("POST", "/outcomes", [](Cloud& at, Call& call) { return add_outcome(at, call.body); });
  add("DELETE", "/outcomes", [](Cloud& at, Call&) {
    at.outcomes.clear();
    return reply(204);
  });
  add("POST", "/tokens/expire", [](Cloud& at, Call&) {
    const std::size_t count = at.tokens.size();
    at.tokens.clear();
    return reply(200, {{"expired", count}});
  });
}

}  // namespace tidepool::sim
