// The state table: what is wanted and what is observed give the next action. Pure; no I/O.
//
// Rows: what Nova says. Columns: what is wanted. "home" is the state that the pool's on_suspend
// leaves an idle server in; with on_suspend: delete there is none, and everything is removed.
//
//   observed   | wanted present                        | wanted absent
//   -----------+---------------------------------------+-----------------------------------------
//   none       | no lease, or lease and no server yet: | no lease: nothing
//              |   create                              | a create in doubt: wait
//              | a create in doubt: wait               | else: release
//              | a server was known: vanished          |
//   building   | wait                                  | remove
//   active     | nothing                               | put_away; on_suspend delete: remove
//   busy       | wait                                  | wait; on_suspend delete: remove
//   paused     | unpause                               | nothing; on_suspend delete: remove
//   suspended  | resume                                | nothing; on_suspend delete: remove
//   stopped    | start                                 | nothing; on_suspend delete: remove
//   shelved    | unshelve                              | nothing; on_suspend delete: remove
//   error      | failed                                | remove
//   deleting   | wait                                  | wait
//   foreign    | wait                                  | wait; on_suspend delete: remove
//
// A doomed server, one that we have begun to delete, is removed in whatever state it shows itself,
// also where it is wanted again: when nova-compute meets a delete while it builds, it undoes the
// build, and saves the server as ACTIVE without a task for a second before it goes (nova 26,
// measured).
//
// Why "in doubt" waits: a POST /servers whose answer was lost may still become a server. It is
// looked for by its lease id until kCreateSettle has passed; only then is it asked for again.
#pragma once

#include <string_view>

#include "base/clock.hpp"
#include "config/pool_file.hpp"
#include "node/observed.hpp"
#include "store/node_record.hpp"

namespace tidepool::node {

enum class Action {
  nothing,  // as wanted
  wait,     // the cloud is at it
  create,   // take a lease if there is none, then POST /servers
  unpause,
  resume,
  start,
  unshelve,
  put_away,  // on_suspend: stop, shelve or suspend
  remove,    // DELETE /servers/{id}
  release,   // the lease: name and address are free again
  failed,    // the server is in ERROR: classify its fault
  vanished,  // somebody deleted the server behind our back
};
std::string_view to_string(Action action);

struct Situation {
  Wanted wanted = Wanted::absent;
  Observed observed = Observed::none;
  bool leased = false;
  bool server_known = false;     // the store has its id, and we did not delete it ourselves
  bool create_in_doubt = false;  // begun, outcome unknown, and not yet settled
  OnSuspend on_suspend = OnSuspend::remove;
  bool doomed = false;  // we have begun to delete it
};

Action next(const Situation& situation);

// How long a create whose answer was lost is looked for before it is asked for again. A slow
// nova-api shows a server within seconds of the POST; should one come later still, it carries the
// same lease id, is seen as a duplicate and removed, and Neutron lets only one have the address.
inline constexpr Millis kCreateSettle{10'000};

// The situation of a record, given what was observed in a listing that began at `listed`.
// A node that failed counts as wanted absent, to be removed, until it is asked for anew.
Situation situation_of(const NodeRecord& record, Observed observed, OnSuspend on_suspend,
                       Time listed);

}  // namespace tidepool::node
