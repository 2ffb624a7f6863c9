#include "simulate_table.hpp"

#include <fmt/format.h>
#include <functional>
#include <nlohmann/json.hpp>

#include "command.hpp"
#include "work/probe_verdict.hpp"

namespace tidepool {
namespace {

using plan::Figures;

// The modes that the policy can use, with what they were taken to be.
std::vector<HoldMode> modes_in_use(const plan::Model& model) {
  std::vector<HoldMode> used;
  for (const auto mode : kHoldModes) {
    bool named = mode == HoldMode::requeue;
    for (const auto& c : model.reclaim.classes)
      named |= std::find(c.modes.begin(), c.modes.end(), mode) != c.modes.end();
    for (const auto& p : model.pools)
      named |= std::find(p.modes.begin(), p.modes.end(), mode) != p.modes.end();
    if (named) used.push_back(mode);
  }
  return used;
}

void print_model(const plan::Trace& trace, const plan::Model& model, const Figures& f) {
  fmt::print(
      "{} jobs ({} normal, {} opportunistic){}, from {} to {}\n",
      f.normal.jobs + f.opportunistic.jobs, f.normal.jobs, f.opportunistic.jobs,
      trace.never_ran > 0 ? fmt::format(", {} that never ran left out", trace.never_ran) : "",
      format_time(f.begin), format_time(f.end));
  for (const auto& p : model.pools)
    fmt::print("pool {}: {} nodes of {}{}\n", p.name, p.nodes, to_string(p.node),
               p.partition.empty() ? "" : ", partition " + p.partition);
  fmt::print("room in {}: {}\n", to_string(model.book), to_string(model.room));
  for (const auto mode : modes_in_use(model)) {
    const auto& l = model.modes[static_cast<std::size_t>(mode)];
    std::string frees;
    for (const auto& p : model.pools) {
      auto one = to_string(p.frees[static_cast<std::size_t>(mode)]);
      if (frees.find(one) == std::string::npos) frees += (frees.empty() ? "" : " or ") + one;
    }
    fmt::print("{}: {} to hold, {} to return{}; frees {} of a node\n", to_string(mode),
               rough_duration(l.hold), rough_duration(l.back),
               l.measured ? " (probed)" : " (not probed)", frees);
  }
  fmt::print("boot {}, SuspendTime {}, ResumeTimeout {}\n\n", rough_duration(model.boot),
             rough_duration(model.idle), rough_duration(model.late));
}

using Show = std::function<std::string(const Figures&)>;

std::string hours(double core_hours) {
  return fmt::format("{:.0f}", core_hours);
}
std::string times(const plan::Spread& s) {
  return fmt::format("{} / {} / {}", rough_duration(s.mean), rough_duration(s.median),
                     rough_duration(s.p95));
}

const std::vector<std::pair<const char*, Show>>& rows() {
  static const std::vector<std::pair<const char*, Show>> all{
      {"goodput, of the room",
       [](const Figures& f) { return fmt::format("{:.1f} %", f.goodput * 100); }},
      {"normal core-hours", [](const Figures& f) { return hours(f.normal.done_core_hours); }},
      {"opportunistic core-hours",
       [](const Figures& f) { return hours(f.opportunistic.done_core_hours); }},
      {"core-hours of work lost",
       [](const Figures& f) {
         return hours(f.normal.lost_core_hours + f.opportunistic.lost_core_hours);
       }},
      {"normal jobs wait (mean / median / p95)",
       [](const Figures& f) { return times(f.normal.wait); }},
      {"opportunistic jobs wait", [](const Figures& f) { return times(f.opportunistic.wait); }},
      {"opportunistic jobs end later by",
       [](const Figures& f) { return times(f.opportunistic.stretch); }},
      {"requests for room",
       [](const Figures& f) { return fmt::format("{} ({} late)", f.requests, f.late); }},
      {"holds", [](const Figures& f) { return std::to_string(f.holds); }},
      {"holds per job (mean, most)",
       [](const Figures& f) { return fmt::format("{:.2f}, {}", f.holds_per_job, f.most_holds); }},
      {"held (mean / median / p95)", [](const Figures& f) { return times(f.held); }},
      {"requeues", [](const Figures& f) { return std::to_string(f.requeues); }},
      {"API calls (and listings)",
       [](const Figures& f) { return fmt::format("{} ({})", f.api_calls, f.listings); }},
      {"last job ends after",
       [](const Figures& f) {
         return rough_duration(std::chrono::duration_cast<Millis>(f.end - f.begin));
       }},
  };
  return all;
}

}  // namespace

void print_simulation(const plan::Trace& trace, const plan::Model& model,
                      const std::vector<Figures>& figures) {
  print_model(trace, model, figures.front());
  fmt::print("{:<40}", "");
  for (const auto& f : figures) fmt::print("{:>26}", to_string(f.way));
  fmt::print("\n");
  for (const auto& [name, show] : rows()) {
    fmt::print("{:<40}", name);
    for (const auto& f : figures) fmt::print("{:>26}", show(f));
    fmt::print("\n");
  }
  for (const auto& f : figures) {
    if (f.too_large > 0 && &f == &figures.front())
      fmt::print("\n{} jobs fit no pool, or not the room, and were left out\n", f.too_large);
    if (f.stuck > 0)
      fmt::print("\n{}: {} jobs never end, as nothing makes room for them\n", to_string(f.way),
                 f.stuck);
  }
}

void print_simulation_json(const plan::Trace& trace, const plan::Model& model,
                           const std::vector<Figures>& figures) {
  using Json = nlohmann::ordered_json;
  Json root{{"jobs", trace.jobs.size()},
            {"never_ran", trace.never_ran},
            {"book", to_string(model.book)},
            {"room",
             {{"instances", model.room.instances},
              {"cores", model.room.cores},
              {"ram_mib", model.room.ram_mib}}},
            {"modes", Json::object()},
            {"ways", Json::array()}};
  for (const auto mode : modes_in_use(model)) {
    const auto& l = model.modes[static_cast<std::size_t>(mode)];
    root["modes"][std::string(to_string(mode))] = {
        {"hold_ms", l.hold.count()}, {"return_ms", l.back.count()}, {"probed", l.measured}};
  }
  for (const auto& f : figures) root["ways"].push_back(figures_json(f));
  fmt::print("{}\n", root.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace tidepool
