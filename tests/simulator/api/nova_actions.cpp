#include "api/api.hpp"
#include "api/nova_list.hpp"
#include "api/nova_view.hpp"
#include "cloud/actions.hpp"

// POST /servers/{id}/action
namespace tidepool::sim {
namespace {

const char* event_of(const std::string& action) {
  if (action == "suspend") return "compute_suspend_instance";
  if (action == "resume") return "compute_resume_instance";
  if (action == "pause") return "compute_pause_instance";
  if (action == "unpause") return "compute_unpause_instance";
  if (action == "stop") return "compute_stop_instance";
  if (action == "start") return "compute_start_instance";
  if (action == "shelve") return "compute_shelve_instance";
  if (action == "unshelve") return "compute_unshelve_instance";
  return "compute_instance";
}

std::optional<Reply> locked(const Call& call, const Server& server) {
  if (server.locked_by.empty() || call.token.admin()) return std::nullopt;
  return nova_error(409, "Instance " + server.id + " is locked");
}

Reply lock(Call& call, Server& server, const json& options) {
  if (call.cloud.denied.count("lock") != 0) return nova_forbidden("os-lock-server:lock");
  server.locked_by = call.token.admin() ? "admin" : "owner";
  if (call.minor >= 73 && options.is_object())
    server.locked_reason = options.value("locked_reason", "");
  return reply(202);
}

Reply unlock(Call& call, Server& server) {
  if (server.locked_by == "admin" && !call.token.admin())
    return nova_forbidden("os-lock-server:unlock:unlock_override");
  server.locked_by.clear();
  server.locked_reason.clear();
  return reply(202);
}

Reply console(Call& call, const Server& server, const json& options) {
  (void)call;
  if (server.vm_state != "active")
    return nova_error(404, "Guest does not have a console available.");
  std::string text = server.console;
  const json length = options.is_object() ? options.value("length", json()) : json();
  const long wanted = length.is_number()   ? length.get<long>()
                      : length.is_string() ? std::atol(length.get<std::string>().c_str())
                                           : -1;
  if (wanted >= 0) {
    std::size_t at = text.size();
    for (long lines = 0; at > 0; --at) {
      if (text[at - 1] == '\n' && at < text.size() && ++lines == wanted) break;
    }
    text = wanted == 0 ? "" : text.substr(at);
  }
  return reply(200, {{"output", text}});
}

Reply reset_state(Call& call, Server& server, const json& options) {
  if (!call.token.admin()) return nova_forbidden("os-admin-actions:reset_state");
  const std::string state = options.is_object() ? options.value("state", "error") : "error";
  if (state != "active" && state != "error")
    return nova_error(400, "Invalid input for field/attribute state. Value: " + state + ". '" +
                               state + "' is not one of ['active', 'error']");
  server.vm_state = state;
  server.task_state.clear();
  server.updated = wall_now();
  return reply(202);
}

Reply create_image(Call& call, const ServerPtr& server, const json& options) {
  const std::string name = options.is_object() ? options.value("name", "") : "";
  if (name.empty())
    return nova_error(400, "Invalid input for field/attribute name. Value: . '' is too short");
  const std::string id = start_snapshot(call.cloud, server, name);
  Reply answer = reply(202);
  if (call.minor >= 45) answer.body = {{"image_id", id}};
  return answer.header("Location", base_url(call.cloud) + "/image/v2/images/" + id);
}

Reply rebuild(Call& call, const ServerPtr& server, const ActionSpec& spec, const json& options) {
  const std::string image = options.is_object() ? options.value("imageRef", "") : "";
  if (call.cloud.images.count(image) == 0) return nova_error(400, "Cannot find image for rebuild");
  server->image_id = image;
  start_action(call.cloud, server, spec, false);
  return reply(202, {{"server", server_view(call, *server, true)}});
}

Reply act(Call& call) {
  const ServerPtr server = visible_server(call, call.args[0]);
  const std::string action =
      call.body.is_object() && call.body.size() == 1 ? call.body.begin().key() : std::string();
  if (action.empty()) return nova_error(400, "There is no such action: ");
  const json& options = call.body.begin().value();
  const ActionSpec* spec = find_action(action);
  const bool other = action == "lock" || action == "unlock" || action == "os-getConsoleOutput" ||
                     action == "os-resetState";
  if (!spec && !other) return nova_error(400, "There is no such action: " + action);
  if (!server) return nova_not_found(call.args[0]);
  if (action == "lock") return lock(call, *server, options);
  if (action == "unlock") return unlock(call, *server);
  if (action == "os-getConsoleOutput") return console(call, *server, options);
  if (action == "os-resetState") return reset_state(call, *server, options);

  if ((spec->admin_only && !call.token.admin()) || call.cloud.denied.count(spec->word) != 0)
    return nova_forbidden(spec->policy);
  if (auto refused = locked(call, *server)) return *refused;
  const bool hard =
      action == "reboot" && options.is_object() && options.value("type", "") == "HARD";
  if (action == "reboot" && !hard && (!options.is_object() || options.value("type", "") != "SOFT"))
    return nova_error(400, "Invalid input for field/attribute reboot.");
  if (const auto why = conflict(*server, *spec, hard)) return nova_error(409, *why);
  server->actions.push_back(
      {spec->word, call.request_id, event_of(spec->word), "Success", wall_now(), wall_now()});
  if (action == "createImage") return create_image(call, server, options);
  if (action == "rebuild") return rebuild(call, server, *spec, options);
  start_action(call.cloud, server, *spec, hard);
  return reply(202);
}

}  // namespace

void add_nova_actions(Router& router) {
  router.add(Service::kCompute, "POST", "/compute/v2.1/servers/{id}/action", act);
}

}  // namespace tidepool::sim
