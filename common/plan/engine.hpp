// Replays a trace: events in order of time, and after each instant one round as the worker has one
// (schedule, give room, reclaim, return), with the worker's own functions of node/reclaim.hpp and
// config/reclaim_policy.hpp. What is modelled and what is not: docs/simulate.md. Pure.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <queue>
#include <set>
#include <vector>

#include "node/reclaim.hpp"
#include "plan/figures.hpp"
#include "plan/model.hpp"
#include "plan/trace.hpp"

namespace tidepool::plan {

// What happens to a job, for those who look on (tests; nullptr: nobody).
enum class Happens { started, held, returned, requeued, ended };
std::string_view to_string(Happens what);
using Watcher = std::function<void(Time, Happens, const TraceJob&)>;

class Engine {
 public:
  Engine(const Trace& trace, const Model& model, Way way, Watcher watcher = nullptr);
  Figures run();

 private:
  enum class State {
    unsubmitted,
    pending,
    waiting,  // has its nodes, but there is no room for their servers: a request is open
    booting,
    running,
    leaving,  // its mode's hold is under way; takes its room until it is done
    held,
    returning,  // takes its room again, does not run yet
    ended
  };
  struct Job {
    const TraceJob* trace = nullptr;
    const OpportunisticClass* of = nullptr;  // nullptr: a normal job
    std::size_t pool = 0;
    int nodes = 0;
    State state = State::unsubmitted;
    HoldMode mode = HoldMode::requeue;  // leaving, held, returning
    int holds = 0;
    std::uint32_t turn = 0;  // an event of an earlier turn is void
    Millis done{0};          // has run, in all, of what is not lost
    Time since{};            // running: since then; held: left the queue of the running at
    Time wanted{};           // waiting: since then
    bool ran = false;
    int created = 0;  // of its nodes, those whose servers are to be made: waiting, booting
  };
  // idle_gone: `job` is a pool, `turn` a number of nodes.
  enum class What { started, ended, away, back, held_too_long, idle_gone };
  struct Event {
    Time at;
    std::uint64_t order;  // of those at one time
    std::uint32_t job, turn;
    What what;
    bool operator>(const Event& o) const { return at != o.at ? at > o.at : order > o.order; }
  };
  using Line = std::set<std::pair<Time, std::uint32_t>>;  // jobs by submission
  struct PoolState {
    bool lends = false;     // opportunistic jobs run there: its idle nodes are taken first
    int free = 0;           // nodes without a job
    std::deque<Time> idle;  // of these, nodes with a server: since when
    Line normal, opportunistic;
  };
  struct Aside {  // a held job, in the order of choose_returns()
    Time since;
    int priority;
    std::uint32_t job;
    auto operator<=>(const Aside& o) const {
      return std::tuple(since, -priority, job) <=> std::tuple(o.since, -o.priority, o.job);
    }
  };

  // engine.cpp
  void prepare();
  std::size_t pool_of(const TraceJob& job, const OpportunisticClass* of) const;
  bool step();  // to the next instant; false: there is none
  void handle(const Event& event);
  void advance(Time to);
  void after(Millis time, std::uint32_t job, What what);
  void wake(Time at);
  void take(const Amount& amount);
  void give(const Amount& amount);
  Amount size(const Job& job, std::int64_t nodes) const;
  Amount room() const { return model_.room - used_; }
  Figures finish();

  // engine_jobs.cpp
  void submit(std::uint32_t index);
  void enqueue(std::uint32_t index);
  void schedule(bool opportunistic);
  void schedule_line(PoolState& pool, Line& line, bool opportunistic);
  bool may_start(const Job& job, const PoolState& pool) const;
  void allocate(std::uint32_t index, PoolState& pool);
  void boot(std::uint32_t index);
  void start(std::uint32_t index);
  void stop_running(Job& job);
  void end(std::uint32_t index);
  void free_nodes(Job& job, bool with_servers);
  void put_idle_away();
  void remove_idle(std::size_t pool, int count);
  void lose(std::uint32_t index);
  Amount for_opportunistic() const;

  // engine_reclaim.cpp
  void round();
  void serve_requests();
  void reclaim();
  Amount make_room(const Amount& need, bool whole_only);
  // `whole`: whoever may lose its work does where that frees what its modes do not.
  struct Choice {
    std::vector<node::Candidate> all;
    std::vector<HoldMode> modes;  // of each
    node::Victims victims;
  };
  void choose(const Amount& need, bool whole, Choice& into);
  std::size_t idle_candidates(const Amount& need, Choice& into, std::size_t count);
  void step_aside(std::uint32_t index, HoldMode mode);
  std::optional<HoldMode> mode_of(const Job& job, const Amount& need, bool whole) const;
  Amount freed(const Job& job, HoldMode mode) const;
  void away(std::uint32_t index);
  void come_back();
  void back(std::uint32_t index);
  void held_too_long(std::uint32_t index);
  Amount returning_takes(const Job& job) const { return freed(job, job.mode); }
  const std::vector<HoldMode>& modes_of(const Job& job) const;
  int deeds(HoldMode mode, bool back) const;

  const Trace& trace_;
  const Model& model_;
  Way way_;
  Watcher watcher_;
  Time now_{};
  bool polled_ = false;  // this round looks at the headroom
  std::vector<Job> jobs_;
  std::size_t next_ = 0;  // of the trace, not yet submitted
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::set<Time> wakes_;  // instants at which a round is due although nothing happens
  std::uint64_t order_ = 0;
  std::vector<PoolState> pools_;

  Amount used_, coming_, promised_, held_need_;
  Amount headroom_;
  Choice choice_, whole_;               // kept for their memory
  bool may_lose_ = false;               // some class may
  std::deque<std::uint32_t> requests_;  // waiting jobs, in their order
  std::vector<std::uint32_t> runs_;     // opportunistic jobs that run
  std::vector<std::uint32_t> place_;    // of each job in runs_
  std::set<Aside> aside_;
  Time room_since_{};
  std::optional<Amount> too_much_;  // more than can step aside, until try_again_
  Time try_again_{};
  int moving_ = 0;     // jobs that boot, leave or return
  int returning_ = 0;  // of these, those that return
  int open_ = 0;       // jobs that have not ended
  Time last_progress_{};
  double booked_ms_ = 0, moving_ms_ = 0;  // integrals over time: core-ms; ms
  Figures out_;
  std::vector<Millis> waits_[2], stretches_[2], held_;
  double ran_ms_ = 0, done_ms_[2] = {0, 0}, lost_ms_[2] = {0, 0};
};

}  // namespace tidepool::plan
