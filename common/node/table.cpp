#include "node/table.hpp"

namespace tidepool::node {

std::string_view to_string(Action action) {
  switch (action) {
    case Action::nothing:
      return "nothing";
    case Action::wait:
      return "wait";
    case Action::create:
      return "create";
    case Action::unpause:
      return "unpause";
    case Action::resume:
      return "resume";
    case Action::start:
      return "start";
    case Action::unshelve:
      return "unshelve";
    case Action::put_away:
      return "put_away";
    case Action::remove:
      return "remove";
    case Action::release:
      return "release";
    case Action::failed:
      return "failed";
    case Action::vanished:
      return "vanished";
  }
  return "nothing";
}

namespace {

Action wanted_present(const Situation& s) {
  switch (s.observed) {
    case Observed::none:
      if (s.create_in_doubt) return Action::wait;
      return s.leased && s.server_known ? Action::vanished : Action::create;
    case Observed::active:
      return Action::nothing;
    case Observed::paused:
      return Action::unpause;
    case Observed::suspended:
      return Action::resume;
    case Observed::stopped:
      return Action::start;
    case Observed::shelved:
      return Action::unshelve;
    case Observed::error:
      return Action::failed;
    case Observed::building:
    case Observed::busy:
    case Observed::deleting:
    case Observed::foreign:
      return Action::wait;
  }
  return Action::wait;
}

Action wanted_absent(const Situation& s) {
  const bool keep = s.on_suspend != OnSuspend::remove;
  switch (s.observed) {
    case Observed::none:
      if (!s.leased) return Action::nothing;
      return s.create_in_doubt ? Action::wait : Action::release;
    case Observed::active:
      return keep ? Action::put_away : Action::remove;
    case Observed::busy:
    case Observed::foreign:
      return keep ? Action::wait : Action::remove;
    case Observed::paused:
    case Observed::suspended:
    case Observed::stopped:
    case Observed::shelved:
      return keep ? Action::nothing : Action::remove;
    case Observed::building:
    case Observed::error:
      return Action::remove;
    case Observed::deleting:
      return Action::wait;
  }
  return Action::wait;
}

}  // namespace

Action next(const Situation& s) {
  if (s.doomed && s.observed != Observed::none && s.observed != Observed::deleting)
    return Action::remove;
  return s.wanted == Wanted::present ? wanted_present(s) : wanted_absent(s);
}

Situation situation_of(const NodeRecord& record, Observed observed, OnSuspend on_suspend,
                       Time listed) {
  Situation s;
  s.wanted = record.failure ? Wanted::absent : record.wanted;
  s.observed = observed;
  s.leased = record.leased();
  s.server_known = !record.server_id.empty();
  s.doomed = record.doomed();
  s.create_in_doubt = record.create_in_doubt() && listed < record.create_begun + kCreateSettle;
  // Only slurmctld's own suspend of an idle node parks it; a person's delete, a failure and
  // ResumeFailProgram mean that the server shall go.
  const bool idle = record.want_by == "suspend" && !record.failure;
  s.on_suspend = idle ? on_suspend : OnSuspend::remove;
  return s;
}

}  // namespace tidepool::node
