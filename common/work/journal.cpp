#include "work/journal.hpp"

namespace tidepool {

void note(Store& store, LogLevel level, const Note& n) {
  log_event(level, n.what,
            {{"node", n.node},
             {"detail", n.detail},
             {"server", n.server_id},
             {"request_id", n.request_id}});
  if (auto kept = store.add_event({now(), n.node, n.what, n.detail, n.server_id, n.request_id});
      !kept)
    log_error(LogLevel::warning, "event not kept", kept.error());
}

}  // namespace tidepool
