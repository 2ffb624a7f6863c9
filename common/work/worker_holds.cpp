// The worker's rounds of its holds: one at a time, beside everything else that it does.
#include <boost/asio/co_spawn.hpp>

#include "work/worker.hpp"

namespace tidepool {

void Worker::wake_holds() {
  holds_next_ = {};
  holds_again_ = true;
  timer_.cancel();
}

void Worker::start_hold_round() {
  holds_busy_ = true;
  holds_again_ = false;
  boost::asio::co_spawn(s_.context, holds_.round(),
                        [this](std::exception_ptr thrown, Result<void> result) {
                          if (thrown) result = fail(ErrorKind::internal, "a round of holds threw");
                          if (!result) complain("holds", result.error());
                          holds_busy_ = false;
                          const Millis wait = result ? holds_.rhythm() : Millis(2'000);
                          holds_next_ = holds_again_ && result ? Time{} : now() + wait;
                          timer_.cancel();
                        });
}

}  // namespace tidepool
