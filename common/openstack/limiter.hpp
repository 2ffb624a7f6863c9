// Limiter: how many API requests may be under way at once, found out by looking at the answers.
//
// Neutron's database locks make sixteen creates at once slower than four (seen: POST /servers took
// 17 s instead of 0.3 s), so the number in flight starts at 4 and grows by one per round of good
// answers, up to the limit; it is halved when an answer says "too much" (429, 503, a time-out) or
// takes more than four times the best one seen lately. (Additive increase, multiplicative
// decrease, as TCP does it.)
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <memory>
#include "base/async.hpp"

#include "base/result.hpp"

namespace tidepool::openstack {

// The rule alone, without waiting. Times are of one request, in milliseconds.
class Window {
 public:
  explicit Window(int most);
  int size() const { return static_cast<int>(size_); }
  void good(std::chrono::milliseconds took);
  void bad();

 private:
  double size_;
  double most_;
  double best_ms_ = 0;  // of the last answers; drifts upwards so that an old record is forgotten
  int since_cut_ = 0;   // answers since the last cut: those under way then say nothing new
};

class Limiter {
 public:
  Limiter(boost::asio::any_io_executor executor, int most);

  // Gives its place back when it goes. done() before that tells how the request went.
  class Permit {
   public:
    Permit(Permit&&) = default;
    Permit& operator=(Permit&&) = default;
    // nullptr: it went well.
    void done(std::chrono::steady_clock::time_point began, const Error* error);

   private:
    friend class Limiter;
    struct Release {
      void operator()(Limiter* limiter) const { limiter->release(); }
    };
    explicit Permit(Limiter* limiter) : limiter_(limiter) {}
    std::unique_ptr<Limiter, Release> limiter_;
  };

  // Waits for a place, first come, first served.
  Task<Permit> acquire();
  int in_flight() const { return in_flight_; }
  const Window& window() const { return window_; }

 private:
  void release();
  boost::asio::any_io_executor executor_;
  Window window_;
  int in_flight_ = 0;
  std::deque<std::shared_ptr<boost::asio::steady_timer>> waiting_;
};

}  // namespace tidepool::openstack
