// The table's part about one server, on its way out and back.
#include "node/hold_table.hpp"

namespace tidepool::node {

std::string_view to_string(Leave leave) {
  switch (leave) {
    case Leave::away:
      return "away";
    case Leave::wait:
      return "wait";
    case Leave::pause:
      return "pause";
    case Leave::unpause:
      return "unpause";
    case Leave::suspend:
      return "suspend";
    case Leave::resume:
      return "resume";
    case Leave::hibernate:
      return "hibernate";
    case Leave::stop:
      return "stop";
    case Leave::shelve:
      return "shelve";
    case Leave::unshelve:
      return "unshelve";
    case Leave::save:
      return "save";
    case Leave::remove:
      return "remove";
    case Leave::lost:
      return "lost";
  }
  return "wait";
}

std::string_view to_string(Back back) {
  switch (back) {
    case Back::here:
      return "here";
    case Back::wait:
      return "wait";
    case Back::unpause:
      return "unpause";
    case Back::resume:
      return "resume";
    case Back::start:
      return "start";
    case Back::unshelve:
      return "unshelve";
    case Back::create:
      return "create";
    case Back::lost:
      return "lost";
  }
  return "wait";
}

namespace {

bool in_between(Observed observed) {
  return observed == Observed::building || observed == Observed::busy ||
         observed == Observed::deleting || observed == Observed::foreign;
}

// pause and suspend: a server that somebody else has put away with its memory will do as well.
Leave leave_with_memory(HoldMode mode, Observed observed) {
  switch (observed) {
    case Observed::active:
      return mode == HoldMode::pause ? Leave::pause : Leave::suspend;
    case Observed::paused:
    case Observed::suspended:
      return Leave::away;
    default:
      return Leave::lost;
  }
}

Leave leave_by_hibernation(Observed observed, bool begun) {
  switch (observed) {
    case Observed::active:
      return begun ? Leave::wait : Leave::hibernate;
    case Observed::paused:
    case Observed::suspended:
      return Leave::away;
    case Observed::stopped:
      return begun ? Leave::shelve : Leave::lost;
    case Observed::shelved:
      return begun ? Leave::away : Leave::lost;
    default:
      return Leave::lost;
  }
}

Leave leave_stopped(Observed observed) {
  switch (observed) {
    case Observed::active:
      return Leave::stop;
    case Observed::paused:
      return Leave::unpause;  // Nova stops no paused server
    case Observed::suspended:
    case Observed::stopped:
    case Observed::shelved:
      return Leave::away;
    default:
      return Leave::lost;
  }
}

Leave leave_shelved(Observed observed) {
  switch (observed) {
    case Observed::active:
    case Observed::paused:
    case Observed::suspended:
    case Observed::stopped:
      return Leave::shelve;
    case Observed::shelved:
      return Leave::away;
    default:
      return Leave::lost;
  }
}

Leave leave_as_image(Observed observed, SavedImage image) {
  if (observed == Observed::none) return image == SavedImage::ready ? Leave::away : Leave::lost;
  if (observed == Observed::error) return image == SavedImage::ready ? Leave::remove : Leave::lost;
  if (image == SavedImage::ready) return Leave::remove;
  if (image == SavedImage::saving) return Leave::wait;
  switch (observed) {
    case Observed::active:
    case Observed::stopped:
      return Leave::save;
    case Observed::paused:
      return Leave::unpause;
    case Observed::suspended:
      return Leave::resume;
    case Observed::shelved:
      return Leave::unshelve;
    default:
      return Leave::wait;
  }
}

}  // namespace

Leave leave(const Leaving& l) {
  if (in_between(l.observed)) return Leave::wait;
  switch (l.mode) {
    case HoldMode::pause:
    case HoldMode::suspend:
      return leave_with_memory(l.mode, l.observed);
    case HoldMode::hibernate:
      return leave_by_hibernation(l.observed, l.hibernate_begun);
    case HoldMode::stop:
      return leave_stopped(l.observed);
    case HoldMode::shelve:
      return leave_shelved(l.observed);
    case HoldMode::snapshot:
      return leave_as_image(l.observed, l.image);
    case HoldMode::requeue:
      return Leave::away;  // its servers are discarded, not put away
  }
  return Leave::wait;
}

Back come_back(const Returning& r) {
  switch (r.observed) {
    case Observed::active:
      return Back::here;
    case Observed::paused:
      return Back::unpause;
    case Observed::suspended:
      return Back::resume;
    case Observed::stopped:
      return Back::start;
    case Observed::shelved:
      return Back::unshelve;
    case Observed::none:
      if (r.image != SavedImage::ready) return Back::lost;
      return r.create_in_doubt ? Back::wait : Back::create;
    case Observed::error:
      return Back::lost;
    case Observed::building:
    case Observed::busy:
    case Observed::deleting:
    case Observed::foreign:
      return r.given_up ? Back::here : Back::wait;
  }
  return Back::wait;
}

bool memory_gone(HoldMode mode, Observed observed, bool hibernate_begun) {
  if (!keeps_memory(mode)) return false;
  switch (observed) {
    case Observed::none:
    case Observed::error:
    case Observed::deleting:
      return true;
    case Observed::stopped:
    case Observed::shelved:
      return mode != HoldMode::hibernate || !hibernate_begun;
    case Observed::building:
    case Observed::active:
    case Observed::busy:
    case Observed::paused:
    case Observed::suspended:
    case Observed::foreign:
      return false;
  }
  return false;
}

}  // namespace tidepool::node
