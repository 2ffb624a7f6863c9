#include "plan/figures.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tidepool::plan {
namespace {

double seconds(Millis time) {
  return static_cast<double>(time.count()) / 1000;
}

nlohmann::ordered_json json_of(const Spread& s) {
  return {{"mean_s", seconds(s.mean)},
          {"median_s", seconds(s.median)},
          {"p95_s", seconds(s.p95)},
          {"longest_s", seconds(s.longest)}};
}

nlohmann::ordered_json json_of(const JobFigures& f) {
  return {{"jobs", f.jobs},
          {"ended", f.ended},
          {"done_core_hours", f.done_core_hours},
          {"lost_core_hours", f.lost_core_hours},
          {"wait", json_of(f.wait)},
          {"stretch", json_of(f.stretch)}};
}

}  // namespace

std::string_view to_string(Way way) {
  switch (way) {
    case Way::none:
      return "none";
    case Way::kill:
      return "kill";
    case Way::hold:
      return "hold";
  }
  return "hold";
}

Spread spread_of(std::vector<Millis> values) {
  if (values.empty()) return {};
  Spread s;
  // By the nearest rank: a value that there is.
  const auto rank = [&](double part) {
    const double n = std::ceil(part * static_cast<double>(values.size()));
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(std::max(n, 1.0)) - 1;
    std::nth_element(values.begin(), at, values.end());
    return *at;
  };
  s.median = rank(0.5);
  s.p95 = rank(0.95);
  s.longest = rank(1);
  const auto sum = std::accumulate(values.begin(), values.end(), Millis(0));
  s.mean = Millis(sum.count() / static_cast<std::int64_t>(values.size()));
  return s;
}

nlohmann::ordered_json figures_json(const Figures& f) {
  return {{"way", to_string(f.way)},
          {"goodput", f.goodput},
          {"normal", json_of(f.normal)},
          {"opportunistic", json_of(f.opportunistic)},
          {"ran_core_hours", f.ran_core_hours},
          {"booked_core_hours", f.booked_core_hours},
          {"begin", format_time(f.begin)},
          {"end", format_time(f.end)},
          {"makespan_s", seconds(f.end - f.begin)},
          {"holds", f.holds},
          {"returns", f.returns},
          {"requeues", f.requeues},
          {"holds_per_job", f.holds_per_job},
          {"most_holds", f.most_holds},
          {"held", json_of(f.held)},
          {"requests_for_room", f.requests},
          {"late", f.late},
          {"api_calls", f.api_calls},
          {"listings", f.listings},
          {"most_used",
           {{"instances", f.most_used.instances},
            {"cores", f.most_used.cores},
            {"ram_mib", f.most_used.ram_mib}}},
          {"too_large", f.too_large},
          {"stuck", f.stuck},
          {"seconds", f.seconds}};
}

}  // namespace tidepool::plan
