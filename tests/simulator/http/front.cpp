#include "http/front.hpp"

#include <algorithm>
#include <chrono>

#include "cloud/ids.hpp"
#include "http/connection.hpp"
#include "http/microversion.hpp"

namespace tidepool::sim {
namespace {

constexpr std::size_t kNovaBodyLimit = 114688;  // oslo's max_request_body_size
constexpr std::size_t kJournalBody = 4096;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

Call make_call(Cloud& cloud, const httplib::Request& request) {
  Call call{cloud, request.method, request.path, "", request.body, {}, {}, {}, nullptr, {}, "", 1};
  const auto mark = request.target.find('?');
  if (mark != std::string::npos) call.query = request.target.substr(mark + 1);
  call.params = {request.params.begin(), request.params.end()};
  for (const auto& [name, value] : request.headers) call.headers.emplace(lower(name), value);
  call.request_id = "req-" + uuid();
  return call;
}

bool loopback(const std::string& address) {
  return address.rfind("127.", 0) == 0 || address == "::1" || address.rfind("::ffff:127.", 0) == 0;
}

void put(const Reply& from, httplib::Response& to) {
  to.status = from.status;
  for (const auto& [name, value] : from.headers) to.headers.emplace(name, value);
  const std::string body = !from.raw.empty()     ? from.raw
                           : from.body.is_null() ? ""
                                                 : from.body.dump();
  to.set_content(body, from.type.c_str());
}

std::string journal_body(const Call& call, const Route* route) {
  if (route && route->service == Service::kIdentity && !call.body_text.empty()) return "(secret)";
  return call.body_text.substr(0, kJournalBody);
}

std::string action_of(const Call& call, const Route* route) {
  if (!route || route->parts.empty() || route->parts.back() != "action") return "";
  const json body = json::parse(call.body_text, nullptr, false);
  return body.is_object() && body.size() == 1 ? body.begin().key() : "?";
}

Reply bad_json(Service service) {
  const char* text = "Malformed request body";
  return service == Service::kNetwork ? neutron_error(400, "HTTPBadRequest", text)
                                      : nova_error(400, text);
}

}  // namespace

Reply Front::answer(const Route& route, Call& call) {
  if (route.service == Service::kCompute && call.body_text.size() > kNovaBodyLimit)
    return reply(413, {{"message",
                        "Request is too large. Larger than max_request_body_size (114688)."
                        "<br /><br />\n\n\n"},
                       {"code", "413 Request Entity Too Large"},
                       {"title", "Request Entity Too Large"}});
  const std::lock_guard lock(cloud.mutex);
  if (!route.open) {
    const auto token = cloud.tokens.find(call.header("x-auth-token"));
    if (token == cloud.tokens.end() || token->second.expires <= wall_now())
      return unauthorized(cloud.keystone_url);
    call.token = token->second;
    if (route.service != Service::kIdentity && call.token.project_id.empty())
      return unauthorized(cloud.keystone_url);
  }
  if (const auto refused = read_microversion(route.service, call)) return *refused;
  if (!call.body_text.empty()) {
    if (route.service == Service::kCompute &&
        call.header("content-type").rfind("application/json", 0) != 0)
      return nova_error(415, "Unsupported Content-Type");
    call.body = json::parse(call.body_text, nullptr, false);
    if (call.body.is_discarded()) return bad_json(route.service);
  }
  try {
    return route.handler(call);
  } catch (const json::exception&) {  // a value of a type that no handler looked for
    return bad_json(route.service);
  }
}

void Front::handle(const httplib::Request& request, httplib::Response& response) {
  set_fate(Fate::kSend);
  if (request.path.rfind("/_sim", 0) == 0) return handle_control(request, response);
  const auto begun = std::chrono::steady_clock::now();
  journal.begin();
  Call call = make_call(cloud, request);
  const Route* route = router.find(call.method, call.path, call.args);
  if (route && route->service == Service::kControl) route = nullptr;
  JournalEntry entry;
  entry.time = wall_now();
  entry.method = call.method;
  entry.path = call.query.empty() ? call.path : call.path + "?" + call.query;
  entry.route = call.method + " " + (route ? route->text : "(unknown)");
  entry.action = action_of(call, route);
  entry.body = journal_body(call, route);
  entry.agent = call.header("user-agent");
  entry.request_id = call.request_id;

  pause.sleep(traffic.latency());
  Reply result;
  std::optional<FaultRule> fault;
  const std::string outage = traffic.outage();
  bool answered = true;
  if (outage == "503") {
    result = reply(503, {{"message",
                          "The server is currently unavailable. Please try again at a "
                          "later time.<br /><br />\n\n\n"},
                         {"code", "503 Service Unavailable"},
                         {"title", "Service Unavailable"}});
  } else if (!outage.empty()) {
    set_fate(Fate::kReset);
    answered = false;
  } else if (const auto wait = traffic.throttle()) {
    result = nova_error(429, "This request was rate-limited.");
    result.header("Retry-After", std::to_string(*wait));
  } else {
    fault = faults.take(call.method, entry.path, call.body_text);
    if (fault) pause.sleep(fault->delay);
    if (fault && fault->drop_before) {
      answered = false;
    } else if (fault && fault->status) {
      result = reply(*fault->status);
      result.raw = fault->reply;
    } else {
      result = route ? answer(*route, call) : unknown_path();
      if (route) add_version_headers(route->service, call, result);
    }
    if (fault && fault->drop_after) answered = false;
    if (fault && !answered) set_fate(fault->reset ? Fate::kReset : Fate::kDrop);
    if (fault && answered && fault->truncate) set_fate(Fate::kTruncate);
    if (fault)
      for (const auto& [name, value] : fault->headers) result.header(name, value);
  }
  result.header("x-openstack-request-id", call.request_id);
  if (route && route->service == Service::kCompute)
    result.header("x-compute-request-id", call.request_id);
  entry.project = call.token.project_id;
  entry.status = answered ? result.status : 0;
  entry.fault = fault ? fault->id : 0;
  entry.milliseconds =
      std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - begun).count();
  journal.add(std::move(entry));
  if (fault) pause.sleep(fault->stall);
  put(result, response);
  journal.end();
}

void Front::handle_control(const httplib::Request& request, httplib::Response& response) {
  set_fate(Fate::kSend);
  Reply result;
  Call call = make_call(cloud, request);
  const Route* route = router.find(call.method, call.path, call.args);
  if (!loopback(request.remote_addr)) {
    result = reply(403, {{"error", "the controls are for the loopback interface only"}});
  } else if (!route || route->service != Service::kControl) {
    result = reply(404, {{"error", "no such control: " + call.method + " " + call.path}});
  } else {
    if (!call.body_text.empty()) call.body = json::parse(call.body_text, nullptr, false);
    try {
      result = call.body.is_discarded() ? reply(400, {{"error", "the body is not JSON"}})
                                        : route->handler(call);
    } catch (const std::exception& error) {
      result = reply(400, {{"error", error.what()}});
    }
  }
  put(result, response);
}

}  // namespace tidepool::sim
