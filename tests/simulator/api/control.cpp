#include <chrono>
#include <thread>

#include "api/api.hpp"
#include "http/front.hpp"

// /_sim/: what tests read from and do to the API's traffic. README.md describes each.
namespace tidepool::sim {
namespace {

Millis duration_of(const json& value) {
  const auto parsed = parse_duration(value.is_string() ? value.get<std::string>() : value.dump());
  if (!parsed) throw std::invalid_argument("not a duration: " + value.dump());
  return *parsed;
}

json traffic_view(Traffic& traffic) {
  return {{"latency", std::to_string(traffic.latency().count()) + "ms"},
          {"rate", traffic.rate()},
          {"outage", traffic.outage().empty() ? "none" : traffic.outage()}};
}

Reply set_traffic(Front& front, const json& given) {
  for (const auto& [key, value] : given.items()) {
    if (key != "latency" && key != "rate" && key != "outage" && key != "outage_time")
      throw std::invalid_argument("unknown key: " + key);
  }
  if (given.contains("latency")) front.traffic.set_latency(duration_of(given.at("latency")));
  if (given.contains("rate")) front.traffic.set_rate(given.at("rate").get<double>());
  if (given.contains("outage")) {
    const auto mode = given.at("outage").get<std::string>();
    if (mode != "none" && mode != "503" && mode != "reset" && mode != "refuse")
      throw std::invalid_argument("outage is none, 503, reset or refuse");
    std::optional<Millis> time;
    if (given.contains("outage_time")) time = duration_of(given.at("outage_time"));
    front.traffic.set_outage(mode == "none" ? "" : mode, time);
    if (mode == "refuse") front.refuse();
  }
  return reply(200, traffic_view(front.traffic));
}

Reply add_fault(Front& front, const json& given) {
  std::string problem;
  const auto id = front.faults.add(given, problem);
  return id ? reply(201, {{"id", *id}}) : reply(400, {{"error", problem}});
}

// Waits until no server is in the middle of something and no hook runs.
Reply settle(Front& front, Call& call) {
  const auto limit = parse_duration(call.param("timeout", "30s"));
  if (!limit) throw std::invalid_argument("timeout: not a duration");
  const auto end = std::chrono::steady_clock::now() + *limit;
  while (true) {
    std::size_t steps = 0;
    {
      const std::lock_guard lock(front.cloud.mutex);
      steps = front.cloud.steps;
    }
    const std::size_t hooks = front.cloud.hooks.unfinished();
    const bool settled = steps == 0 && hooks == 0;
    if (settled || std::chrono::steady_clock::now() >= end)
      return reply(settled ? 200 : 408, {{"settled", settled}, {"steps", steps}, {"hooks", hooks}});
    front.pause.sleep(Millis(20));
  }
}

json hook_view(const HookRecord& record) {
  return {{"number", record.number},
          {"event", record.call.event},
          {"server", record.call.server_id},
          {"name", record.call.name},
          {"address", record.call.address},
          {"status", record.result.status},
          {"output", record.result.output},
          {"milliseconds",
           std::chrono::duration_cast<Millis>(record.finished - record.started).count()}};
}

}  // namespace

void add_control(Front& front) {
  const auto add = [&front](const char* method, const char* path, auto handler) {
    front.router.add(
        Service::kControl, method, std::string("/_sim") + path,
        [&front, handler](Call& call) { return handler(front, call); }, true);
  };
  add("GET", "/counts", [](Front& at, Call&) { return reply(200, at.journal.counts()); });
  add("POST", "/counts/reset", [](Front& at, Call&) {
    at.journal.reset();
    return reply(204);
  });
  add("GET", "/journal", [](Front& at, Call& call) {
    return reply(200, {{"requests", at.journal.entries(std::stoull(call.param("after", "0")),
                                                       std::stoull(call.param("limit", "20000")),
                                                       call.param("route"))}});
  });
  add("GET", "/faults", [](Front& at, Call&) {
    return reply(200, {{"faults", at.faults.list()}});
  });
  add("POST", "/faults", [](Front& at, Call& call) { return add_fault(at, call.body); });
  add("DELETE", "/faults", [](Front& at, Call&) {
    at.faults.clear();
    return reply(204);
  });
  add("DELETE", "/faults/{id}", [](Front& at, Call& call) {
    return reply(at.faults.remove(std::stoull(call.args[0])) ? 204 : 404);
  });
  add("GET", "/traffic", [](Front& at, Call&) { return reply(200, traffic_view(at.traffic)); });
  add("PUT", "/traffic", [](Front& at, Call& call) { return set_traffic(at, call.body); });
  add("GET", "/settle", [](Front& at, Call& call) { return settle(at, call); });
  add("GET", "/hooks", [](Front& at, Call&) {
    json all = json::array();
    for (const auto& record : at.cloud.hooks.history()) all.push_back(hook_view(record));
    return reply(200, {{"hooks", all}});
  });
}

}  // namespace tidepool::sim
