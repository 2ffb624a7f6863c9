#include "base/connect.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <optional>

namespace tidepool {
namespace {

namespace asio = boost::asio;

Result<void> ask(const std::string& address, int port, Millis limit) {
  asio::io_context context;
  std::optional<Result<void>> answer;
  asio::co_spawn(context, can_connect(address, port, limit),
                 [&](std::exception_ptr e, Result<void> result) {
                   EXPECT_FALSE(e);
                   answer = std::move(result);
                 });
  context.run();
  return *answer;
}

TEST(Connect, ToSomebodyWhoListens) {
  asio::io_context context;
  asio::ip::tcp::acceptor acceptor(context,
                                   asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  EXPECT_TRUE(ask("127.0.0.1", acceptor.local_endpoint().port(), Millis(20'000)));
}

TEST(Connect, NobodyThere) {
  // A port that was ours a moment ago, and is closed.
  int port = 0;
  {
    asio::io_context context;
    asio::ip::tcp::acceptor acceptor(context,
                                     asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    port = acceptor.local_endpoint().port();
  }
  const auto answer = ask("127.0.0.1", port, Millis(20'000));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::unreachable);
  EXPECT_NE(answer.error().message.find("127.0.0.1:" + std::to_string(port)), std::string::npos);
}

// A full backlog takes no connection and refuses none: the peer's first packet is dropped.
TEST(Connect, NoAnswer) {
  asio::io_context context;
  asio::ip::tcp::acceptor acceptor(context, asio::ip::tcp::v4());
  acceptor.bind(asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  acceptor.listen(0);
  const int port = acceptor.local_endpoint().port();
  std::vector<asio::ip::tcp::socket> fill;
  std::optional<Result<void>> answer;
  for (int i = 0; i < 20 && (!answer || *answer); ++i) {
    fill.emplace_back(context, asio::ip::tcp::v4());
    fill.back().async_connect(acceptor.local_endpoint(), [](const boost::system::error_code&) {});
    if (i >= 2) answer = ask("127.0.0.1", port, Millis(300));
  }
  ASSERT_TRUE(answer);
  ASSERT_FALSE(*answer);
  EXPECT_EQ(answer->error().kind, ErrorKind::timeout);
  EXPECT_NE(answer->error().message.find("does not answer within"), std::string::npos);
}

TEST(Connect, NamesAreNoAddresses) {
  EXPECT_EQ(ask("localhost", 80, Millis(1000)).error().kind, ErrorKind::invalid);
  EXPECT_EQ(ask("127.0.0.1", 0, Millis(1000)).error().kind, ErrorKind::invalid);
}

}  // namespace
}  // namespace tidepool
