#include "openstack/limiter.hpp"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tidepool::openstack {

Window::Window(int most) : size_(std::min(4, most)), most_(most) {}

void Window::good(std::chrono::milliseconds took) {
  const double ms = std::max(1.0, static_cast<double>(took.count()));
  best_ms_ = best_ms_ <= 0 || ms < best_ms_ ? ms : best_ms_ * 1.01;
  ++since_cut_;
  // Below a quarter of a second nothing is in anybody's way, whatever the ratio.
  if (ms > 250 && ms > 4 * best_ms_) {
    // Other kinds of requests are much quicker (a delete beside a create): time alone never cuts
    // below where every cloud does well.
    if (since_cut_ > size() && size_ > 4) {
      size_ = std::max(4.0, size_ / 2);
      since_cut_ = 0;
    }
    return;
  }
  size_ = std::min(most_, size_ + 1.0 / size_);
}

void Window::bad() {
  size_ = std::max(1.0, size_ / 2);
  since_cut_ = 0;
}

Limiter::Limiter(boost::asio::any_io_executor executor, int most)
    : executor_(std::move(executor)), window_(most) {}

void Limiter::Permit::done(std::chrono::steady_clock::time_point began, const Error* error) {
  using std::chrono::milliseconds;
  const bool too_much =
      error != nullptr && (error->kind == ErrorKind::throttled ||
                           error->kind == ErrorKind::timeout || error->http_status == 503);
  if (too_much) return limiter_->window_.bad();
  // Refused at the door, or no connection: quick, and no measure of the cloud's work.
  if (error != nullptr) return;
  limiter_->window_.good(
      std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - began));
}

Task<Limiter::Permit> Limiter::acquire() {
  while (in_flight_ >= window_.size()) {
    auto turn = std::make_shared<boost::asio::steady_timer>(
        executor_, boost::asio::steady_timer::time_point::max());
    waiting_.push_back(turn);
    boost::system::error_code ec;
    co_await turn->async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ec));
  }
  ++in_flight_;
  co_return Permit(this);
}

void Limiter::release() {
  --in_flight_;
  for (int room = window_.size() - in_flight_; room > 0 && !waiting_.empty(); --room) {
    waiting_.front()->cancel();
    waiting_.pop_front();
  }
}

}  // namespace tidepool::openstack
