// The worker's rounds of its reclaims, and what they mean for the servers that it makes.
#include <boost/asio/co_spawn.hpp>

#include "work/worker.hpp"

namespace tidepool {

// Also without a reclaim: section, while there is something left of an earlier one.
bool Worker::reclaims_wanted() const {
  return s_.pools.reclaim.given || reclaims_.any() || holds_.any_reclaimed();
}

void Worker::start_reclaim_round() {
  reclaims_busy_ = true;
  boost::asio::co_spawn(s_.context, reclaims_.round(),
                        [this](std::exception_ptr thrown, Result<void> result) {
                          if (thrown)
                            result = fail(ErrorKind::internal, "a round of reclaims threw");
                          if (!result) complain("reclaim", result.error());
                          reclaims_busy_ = false;
                          reclaims_next_ = now() + (result ? reclaims_.rhythm() : Millis(2'000));
                          if (reclaims_.take_changed()) {
                            look_soon_ = true;
                            holds_next_ = {};
                          }
                          timer_.cancel();
                        });
}

// A node's server is asked for, unless there is no room for it yet, or the room is others'.
void Worker::create(const NodeRecord& record) {
  if (reclaims_.waits_for_room(record)) return;
  const auto kept = reclaims_.kept_from(record);
  if (!kept) {
    reclaims_next_ = {};  // it finds out, and looks again
    return;
  }
  if (kept->empty()) return launch(record.name, actions_.create(record.name));
  Error error;
  error.kind = ErrorKind::quota;
  error.message = *kept;
  NodeRecord refused = record;
  if (auto done = failures_.give_up(refused, error, true); !done) complain("store", done.error());
}

}  // namespace tidepool
