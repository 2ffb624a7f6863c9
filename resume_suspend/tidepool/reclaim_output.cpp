#include "reclaim_output.hpp"

#include <fmt/format.h>

#include "output.hpp"
#include "work/reclaim_books.hpp"

namespace tidepool {
namespace {

using OrderedJson = nlohmann::ordered_json;

OrderedJson amount_in_json(const Amount& a) {
  return {{"instances", a.instances}, {"cores", a.cores}, {"ram_mib", a.ram_mib}};
}

OrderedJson moment_or_null(Time time) {
  return time == Time{} ? OrderedJson(nullptr) : OrderedJson(format_time(time));
}

OrderedJson candidate_json(const node::Candidate& c) {
  return {{"jobs", c.jobs},
          {"nodes", c.nodes},
          {"frees", amount_in_json(c.frees)},
          {"loses_work", c.loses_work},
          {"core_seconds_at_stake", c.at_stake},
          {"priority", c.priority},
          {"holds", c.holds},
          {"ran_seconds", c.ran.count() / 1000}};
}

std::string who_asks(const ReclaimRecord& r) {
  return r.kind == ReclaimKind::node ? "node " + r.by : r.by;
}

std::string how(const ReclaimWay& way) {
  return way.modes.empty() ? "power down" : format_hold_modes(way.modes);
}

}  // namespace

nlohmann::ordered_json reclaim_json(const ReclaimRecord& r) {
  OrderedJson one{{"id", r.id}, {"status", to_string(r.step)},    {"kind", to_string(r.kind)},
                  {"by", r.by}, {"need", amount_in_json(r.need)}, {"book", to_string(r.book)}};
  one["partition"] = r.partition.empty() ? OrderedJson(nullptr) : OrderedJson(r.partition);
  one["since"] = moment_or_null(r.since);
  one["deadline"] = moment_or_null(r.deadline);
  one["keep_seconds"] = r.keep.count() / 1000;
  one["status_since"] = moment_or_null(r.step_since);
  one["note"] = r.note.empty() ? OrderedJson(nullptr) : OrderedJson(r.note);
  one["cancelled_by"] = r.cancelled.empty() ? OrderedJson(nullptr) : OrderedJson(r.cancelled);
  one["ended"] = moment_or_null(r.ended);
  return one;
}

nlohmann::ordered_json forecast_json(const Forecast& f) {
  OrderedJson one{{"free", amount_in_json(f.share.given)},
                  {"coming", amount_in_json(f.share.coming)},
                  {"missing", amount_in_json(f.share.missing)},
                  {"enough", f.choice.victims.enough}};
  one["victims"] = OrderedJson::array();
  for (const auto i : f.choice.victims.taken) {
    auto victim = candidate_json(f.choice.candidates.all[i]);
    victim["modes"] = OrderedJson::array();
    for (const auto mode : f.choice.candidates.ways[i].modes)
      victim["modes"].push_back(to_string(mode));
    one["victims"].push_back(std::move(victim));
  }
  one["left_out"] = OrderedJson::array();
  for (const auto& left : f.choice.victims.left_out) {
    const auto& c = f.choice.candidates.all[left.index];
    one["left_out"].push_back({{"jobs", c.jobs}, {"nodes", c.nodes}, {"why", left.why}});
  }
  return one;
}

void print_reclaims(const std::vector<ReclaimRecord>& requests) {
  if (requests.empty()) return;
  std::vector<std::vector<std::string>> rows;
  for (const auto& r : requests)
    rows.push_back({std::to_string(r.id), who_asks(r), to_string(r.need),
                    std::string(to_string(r.book)), std::string(to_string(r.step)),
                    format_time(r.step_since),
                    r.step == ReclaimStep::free   ? format_time(r.step_since + r.keep)
                    : r.step != ReclaimStep::open ? "-"
                    : r.deadline == Time{}        ? "-"
                                                  : format_time(r.deadline)});
  print_table({"REQUEST", "BY", "NEEDS", "BOOK", "STATUS", "SINCE", "UNTIL"}, rows);
  for (const auto& r : requests)
    if (!r.note.empty()) fmt::print("request {}: {}\n", r.id, r.note);
}

void print_forecast(const ReclaimRecord& r, const Forecast& f) {
  fmt::print("asked for: {} in the book of {}{}\n", to_string(r.need), to_string(r.book),
             r.partition.empty() ? "" : ", from partition " + r.partition);
  fmt::print("free now: {}; on the way: {}; missing: {}\n", to_string(f.share.given),
             to_string(f.share.coming), to_string(f.share.missing));
  const auto& all = f.choice.candidates;
  std::vector<std::vector<std::string>> rows;
  for (const auto i : f.choice.victims.taken) {
    const auto& c = all.all[i];
    rows.push_back({candidate_in_words(c), how(all.ways[i]), to_string(c.frees),
                    c.jobs.empty() ? "-" : std::to_string(c.priority),
                    c.jobs.empty() ? "-" : fmt::format("{} core-h", c.at_stake / 3600),
                    c.loses_work ? "yes" : "no"});
  }
  if (!rows.empty()) {
    fmt::print("\n");
    print_table({"STEPS ASIDE", "HOW", "FREES", "PRIORITY", "AT STAKE", "WORK LOST"}, rows);
  }
  if (!f.choice.victims.left_out.empty()) fmt::print("\nleft out:\n");
  for (const auto& left : f.choice.victims.left_out)
    fmt::print("  {}: {}\n", candidate_in_words(all.all[left.index]), left.why);
  if (!f.choice.victims.enough)
    fmt::print("\nnot enough: {} more needed\n",
               to_string(missing_of(f.share.missing, f.choice.victims.frees)));
}

}  // namespace tidepool
