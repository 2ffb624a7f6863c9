#include "work/standin_watch.hpp"

#include "work/journal.hpp"
#include "work/look_for_hold.hpp"

namespace tidepool {

Task<void> StandinWatch::check() {
  if (now() < next_) co_return;
  const std::string trouble = co_await standin_trouble(s_.pools);
  next_ = now() + kEvery;
  const bool was_down = known_ && !trouble_.empty();
  trouble_ = trouble;
  known_ = true;
  if (trouble.empty()) {
    if (was_down)
      note(s_.store, LogLevel::warning,
           {s_.pools.standin.node, "stand-in answers again", "", "", ""});
    said_ = {};
    co_return;
  }
  if (now() - said_ < Millis(60'000)) co_return;
  said_ = now();
  note(s_.store, LogLevel::error,
       {s_.pools.standin.node, "stand-in is down",
        trouble + "; held nodes are refreshed in its place, and their jobs are lost should the "
                  "worker stop",
        "", ""});
}

}  // namespace tidepool
