#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>

#include "cloud/clock.hpp"

// Which requests came, counted and remembered. Thread-safe.
namespace tidepool::sim {

struct JournalEntry {
  std::uint64_t number = 0;
  WallTime time;
  std::string method, path;  // with the query
  std::string route;         // "POST /compute/v2.1/servers/{id}/action"
  std::string action;        // of such a request: "suspend"
  std::string body;          // at most 4 KiB of it; "(secret)" where credentials go
  std::string project, agent, request_id;
  int status = 0;           // 0: no answer was sent
  std::uint64_t fault = 0;  // the rule that acted, 0 for none
  long milliseconds = 0;
};

class Journal {
 public:
  void add(JournalEntry entry);
  // {"total", "routes": {route: n}, "actions": {action: n}, "statuses": {"202": n}, "in_flight",
  //  "max_in_flight"}
  nlohmann::json counts();
  nlohmann::json entries(std::uint64_t after, std::size_t limit, const std::string& route_part);
  void reset();
  void begin();  // a request is being served ..
  void end();    // .. and no longer is

 private:
  std::mutex mutex_;
  std::deque<JournalEntry> entries_;  // the last 20000
  std::map<std::string, long> routes_, actions_, statuses_;
  std::uint64_t next_ = 1;
  long total_ = 0, in_flight_ = 0, max_in_flight_ = 0;
};

}  // namespace tidepool::sim
