#pragma once
#include <cstdint>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <regex>
#include <string>
#include <vector>

#include "cloud/clock.hpp"

// Scripted misbehaviour of the API as a whole: for requests that match, this instead of, before or
// after the true answer. Thread-safe.
namespace tidepool::sim {

struct FaultRule {
  std::uint64_t id = 0;
  std::regex method, path, body;  // searched; the path comes with its query
  long skip = 0;                  // let so many matching requests through first
  long times = 1;                 // then act on so many; -1: for ever
  std::optional<int> status;      // answered instead of doing the work
  std::string reply;              // with this body
  std::vector<std::pair<std::string, std::string>> headers;  // added to the answer
  bool drop_before = false;                                  // close without doing the work
  bool drop_after = false;  // do the work, then close without an answer
  bool reset = false;       // the closing is a TCP reset instead of an orderly end
  bool truncate = false;    // half the body, then close
  Millis delay{0};          // before the work
  Millis stall{0};          // between the work and the answer
  nlohmann::json text;      // as it was given
};

class Faults {
 public:
  // Returns the new rule's id, or nothing with `problem` saying what is wrong.
  std::optional<std::uint64_t> add(const nlohmann::json& text, std::string& problem);
  std::optional<FaultRule> take(const std::string& method, const std::string& path,
                                const std::string& body);
  nlohmann::json list();  // the rules still in force, with "id" and the times "left"
  bool remove(std::uint64_t id);
  void clear();

 private:
  std::mutex mutex_;
  std::vector<FaultRule> rules_;
  std::uint64_t next_ = 1;
};

}  // namespace tidepool::sim
