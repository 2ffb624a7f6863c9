#include "base/connect.hpp"

#include <fmt/format.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>

namespace tidepool {

Task<Result<void>> can_connect(std::string address, int port, Millis limit) {
  namespace asio = boost::asio;
  const std::string where = fmt::format("{}:{}", address, port);
  boost::system::error_code ec;
  const auto ip = asio::ip::make_address(address, ec);
  if (ec || port < 1 || port > 65'535)
    co_return fail(ErrorKind::invalid, fmt::format("'{}' is not an address and a port", where));
  const auto executor = co_await asio::this_coro::executor;
  // Shared: a timer that has gone off, but whose turn comes later, must find a socket.
  const auto socket = std::make_shared<asio::ip::tcp::socket>(executor);
  const auto late = std::make_shared<bool>(false);
  asio::steady_timer timer(executor);
  timer.expires_after(limit);
  timer.async_wait([socket, late](const boost::system::error_code& cancelled) {
    if (cancelled) return;
    *late = true;
    boost::system::error_code ignored;
    socket->close(ignored);
  });
  const asio::ip::tcp::endpoint endpoint(ip, static_cast<unsigned short>(port));
  co_await socket->async_connect(endpoint, asio::redirect_error(asio::use_awaitable, ec));
  timer.cancel();
  if (!ec) co_return Result<void>{};
  if (*late)
    co_return fail(ErrorKind::timeout,
                   fmt::format("{} does not answer within {}", where, rough_duration(limit)));
  co_return fail(ErrorKind::unreachable, fmt::format("{}: {}", where, ec.message()));
}

}  // namespace tidepool
