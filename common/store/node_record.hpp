// What the store knows of one node: what is wanted (written by hooks and people) and what has
// been done about it (written by the worker alone). The two halves are different columns, so that
// neither side can undo the other's word.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace tidepool {

enum class Wanted { absent, present };
std::string_view to_string(Wanted wanted);

// What slurmctld must still be told about the node.
enum class Tell { nothing, down, power_down };
std::string_view to_string(Tell tell);

// A node that could not come: what is wanted is set aside until it is asked for anew.
struct Failure {
  ErrorKind kind = ErrorKind::internal;
  std::string text;  // for the node's Reason
  Time at{};
  Time until{};  // then slurmctld is told POWER_DOWN and may use the node again
};

struct NodeRecord {
  static constexpr const char* kDoomed = "deleting";  // a server_state: node::Observed's word

  std::string name;

  // the want: by hooks and people
  std::string pool;
  Wanted wanted = Wanted::absent;
  std::int64_t want_seq = 0;  // grows with each intent
  Time want_since{};
  std::string want_by;  // resume, suspend, resume-fail, operator, slurm, rebuild
  std::string extras;   // JSON: what `node create` asked for besides (dns, slurm_conf)

  // the deed: by the worker
  std::int64_t seen_seq = 0;  // the want_seq that the fields below answer
  std::string lease_id;       // random UUID; empty: no lease
  std::string address;        // empty without a lease, or while DHCP has not said
  Time lease_since{};
  std::string server_id;     // empty: not known
  std::string server_state;  // node::Observed as a word, for people
  Time create_begun{};       // a POST /servers whose outcome is not known; epoch: none
  Time active_since{};       // the server was first seen ACTIVE; epoch: not yet
  bool registered = false;   // slurmd has registered since
  int attempts = 0;          // tries of the current step in a row that failed
  Time next_try{};           // not before
  std::string last_error;    // of the last try, for `status`
  std::optional<Failure> failure;
  Tell tell = Tell::nothing;
  bool replaced = false;  // its server went to ERROR, and another was made

  bool leased() const { return !lease_id.empty(); }
  // Its server is being deleted by our own hand: decided, written down, and not yet seen to be
  // gone.
  bool doomed() const { return leased() && server_id.empty() && server_state == kDoomed; }
  bool create_in_doubt() const { return create_begun != Time{}; }
  // An intent has come in that the deed does not answer yet.
  bool fresh_want() const { return want_seq != seen_seq; }
};

}  // namespace tidepool
