// An event, once to the log and once to the store, where `tidepool status` finds it.
#pragma once

#include <string>

#include "base/log.hpp"
#include "store/store.hpp"

namespace tidepool {

struct Note {
  std::string node, what, detail, server_id, request_id;
};

// A store that cannot take the event (disk full) is remarked on in the log only: the deed counts.
void note(Store& store, LogLevel level, const Note& note);

}  // namespace tidepool
