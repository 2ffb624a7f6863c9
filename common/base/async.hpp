// Task<T>: what a coroutine of ours returns. All of them run on one thread's event loop.
#pragma once

// Boost 1.74's awaitable.hpp uses std::exchange without including this.
#include <utility>

#include <boost/asio/awaitable.hpp>

namespace tidepool {

template <typename T>
using Task = boost::asio::awaitable<T>;

}  // namespace tidepool
