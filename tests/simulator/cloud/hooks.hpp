#pragma once
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "cloud/clock.hpp"

// The program that makes a server's life visible outside: PROGRAM EVENT SERVER_ID NAME IP, the
// server as JSON on standard input. Run directly, without a shell.
namespace tidepool::sim {

struct HookCall {
  std::string event, server_id, name, address, json;
};

struct HookResult {
  bool ok = true;
  int status = 0;      // exit status; 128+N when killed by signal N; -1 when it could not start
  std::string output;  // the last 64 KiB of standard output and standard error
};

struct HookRecord {
  std::uint64_t number = 0;
  HookCall call;  // without its json
  HookResult result;
  WallTime started, finished;
};

// Hooks of one server run one at a time in the order given; those of different servers side by
// side, up to a limit.
class Hooks {
 public:
  using Done = std::function<void(const HookResult&)>;
  Hooks(std::string program, int limit, Millis timeout);
  ~Hooks();
  bool enabled() const { return !program_.empty(); }
  void run(HookCall call, Done done);  // done is called on one of the hook threads, unlocked
  std::size_t unfinished();
  std::vector<HookRecord> history();  // the last 10000 that have ended
  // Waits for the running ones up to `grace`, kills their process groups then; drops the rest.
  void stop(Millis grace);

 private:
  struct Job {
    HookCall call;
    Done done;
  };
  void loop();

  const std::string program_;
  const Millis timeout_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::deque<Job>> queues_;  // by server
  std::deque<std::string> ready_;                  // servers with work that none is doing
  std::set<int> running_;                          // process groups
  std::size_t unfinished_ = 0;
  std::deque<HookRecord> history_;
  std::uint64_t count_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace tidepool::sim
