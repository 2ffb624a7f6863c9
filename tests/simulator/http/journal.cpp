#include "http/journal.hpp"

#include <algorithm>
#include <utility>

namespace tidepool::sim {
namespace {

constexpr std::size_t kKept = 20000;

}  // namespace

void Journal::add(JournalEntry entry) {
  const std::lock_guard lock(mutex_);
  entry.number = next_++;
  ++total_;
  ++routes_[entry.route];
  if (!entry.action.empty()) ++actions_[entry.action];
  ++statuses_[std::to_string(entry.status)];
  entries_.push_back(std::move(entry));
  if (entries_.size() > kKept) entries_.pop_front();
}

nlohmann::json Journal::counts() {
  const std::lock_guard lock(mutex_);
  return {{"total", total_},       {"routes", routes_},       {"actions", actions_},
          {"statuses", statuses_}, {"in_flight", in_flight_}, {"max_in_flight", max_in_flight_}};
}

nlohmann::json Journal::entries(std::uint64_t after, std::size_t limit,
                                const std::string& route_part) {
  const std::lock_guard lock(mutex_);
  nlohmann::json all = nlohmann::json::array();
  for (const auto& entry : entries_) {
    if (all.size() == limit) break;
    if (entry.number <= after || entry.route.find(route_part) == std::string::npos) continue;
    all.push_back({{"number", entry.number},
                   {"time", iso_seconds(entry.time)},
                   {"method", entry.method},
                   {"path", entry.path},
                   {"route", entry.route},
                   {"action", entry.action},
                   {"body", entry.body},
                   {"project", entry.project},
                   {"user_agent", entry.agent},
                   {"request_id", entry.request_id},
                   {"status", entry.status},
                   {"fault", entry.fault},
                   {"milliseconds", entry.milliseconds}});
  }
  return all;
}

void Journal::reset() {
  const std::lock_guard lock(mutex_);
  entries_.clear();
  routes_.clear();
  actions_.clear();
  statuses_.clear();
  total_ = 0;
  max_in_flight_ = in_flight_;
}

void Journal::begin() {
  const std::lock_guard lock(mutex_);
  max_in_flight_ = std::max(max_in_flight_, ++in_flight_);
}

void Journal::end() {
  const std::lock_guard lock(mutex_);
  --in_flight_;
}

}  // namespace tidepool::sim
