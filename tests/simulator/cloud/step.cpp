#include "cloud/step.hpp"

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

namespace tidepool::sim {
namespace {

using json = nlohmann::json;

json describe(const Cloud& cloud, const Server& server) {
  json addresses = json::object();
  for (const auto& id : server.ports) {
    const Port& port = cloud.ports.at(id);
    addresses[cloud.networks.at(port.network_id).name].push_back(
        {{"addr", print_ipv4(port.address)}, {"mac", port.mac}, {"port_id", port.id}});
  }
  return {{"id", server.id},
          {"name", server.name},
          {"status", status_of(server)},
          {"vm_state", server.vm_state},
          {"task_state", server.task_state},
          {"project_id", server.project_id},
          {"host", server.host},
          {"image", server.image_id},
          {"flavor",
           {{"name", server.flavor.name},
            {"vcpus", server.flavor.vcpus},
            {"ram", server.flavor.ram},
            {"disk", server.flavor.disk}}},
          {"addresses", addresses},
          {"metadata", server.metadata},
          {"user_data", server.user_data}};
}

void start_hook(Cloud& cloud, Server& server, const std::string& event, Hooks::Done done) {
  if (event == "boot") server.hooked = true;
  if (event == "destroy") server.hooked = false;
  cloud.hooks.run(
      {event, server.id, server.name, first_address(cloud, server), describe(cloud, server).dump()},
      std::move(done));
}

std::optional<Outcome> take_outcome(Cloud& cloud, const Server& server, const std::string& action) {
  for (auto at = cloud.outcomes.begin(); at != cloud.outcomes.end(); ++at) {
    if (at->action != action ||
        (!std::regex_search(server.name, at->server) && !std::regex_search(server.id, at->server)))
      continue;
    const Outcome outcome = *at;
    if (at->times > 0 && --at->times == 0) cloud.outcomes.erase(at);
    return outcome;
  }
  return std::nullopt;
}

void end_badly(Cloud& cloud, Server& server, const Step& step, const std::string& problem) {
  if (step.failed)
    step.failed(cloud, server, problem);
  else
    fail_server(cloud, server, problem);
}

// What has been scripted comes instead of the step's work.
void come_to(Cloud& cloud, Server& server, const Step& step, const Outcome& outcome) {
  if (outcome.result == "hang") return;
  if (outcome.result == "lost") {
    server.task_state.clear();
    touch(server);
    return;
  }
  end_badly(cloud, server, step, outcome.message);
}

void end_step(Cloud& cloud, Server& server, const Step& step, const HookResult& hook) {
  if (!hook.output.empty()) server.console += hook.output;
  if (hook.ok || step.hook == "destroy")
    step.done(cloud, server);
  else
    end_badly(cloud, server, step,
              "The hook for " + step.hook + " ended with status " + std::to_string(hook.status));
}

void perform(Cloud& cloud, const ServerPtr& server, std::uint64_t epoch, const Step& step) {
  if (server->epoch != epoch) {
    --cloud.steps;
    return;
  }
  const Host* host = cloud.host(server->host);
  if (host && !host->up && step.name != "delete" && step.name != "linger") {
    --cloud.steps;
    cloud.hung.emplace(server->host, [&cloud, server, epoch, step] {
      if (step.name == "stop" && server->epoch == epoch) {
        server->task_state.clear();
        touch(*server);
        return;
      }
      ++cloud.steps;
      perform(cloud, server, epoch, step);
    });
    return;
  }
  // Without the hook: a guest of a build that fails never starts, one that does not suspend runs
  // on.
  if (const auto outcome = take_outcome(cloud, *server, step.name)) {
    --cloud.steps;
    come_to(cloud, *server, step, *outcome);
    return;
  }
  if (step.hook.empty() || !cloud.hooks.enabled()) {
    --cloud.steps;
    end_step(cloud, *server, step, {});
    return;
  }
  start_hook(cloud, *server, step.hook, [&cloud, server, epoch, step](const HookResult& result) {
    const std::lock_guard lock(cloud.mutex);
    --cloud.steps;
    if (server->epoch == epoch) end_step(cloud, *server, step, result);
  });
}

}  // namespace

void touch(Server& server) {
  server.updated = wall_now();
}

std::string first_address(const Cloud& cloud, const Server& server) {
  return server.ports.empty() ? "" : print_ipv4(cloud.ports.at(server.ports.front()).address);
}

void start_step(Cloud& cloud, const ServerPtr& server, Step step) {
  ++cloud.steps;
  const Millis delay = cloud.time(step.name);
  cloud.scheduler.after(delay, [&cloud, server, epoch = server->epoch, step = std::move(step)] {
    const std::lock_guard lock(cloud.mutex);
    perform(cloud, server, epoch, step);
  });
}

void fail_server(Cloud& cloud, Server& server, const std::string& message) {
  (void)cloud;
  server.vm_state = "error";
  server.task_state.clear();
  server.fault = Fault{500, message, wall_now()};
  if (!server.actions.empty()) {
    server.actions.back().failed = true;
    server.actions.back().updated = wall_now();
  }
  touch(server);
}

void run_hook(Cloud& cloud, Server& server, const std::string& event) {
  if (!cloud.hooks.enabled()) return;
  ++cloud.steps;
  start_hook(cloud, server, event, [&cloud](const HookResult&) {
    const std::lock_guard lock(cloud.mutex);
    --cloud.steps;
  });
}

}  // namespace tidepool::sim
