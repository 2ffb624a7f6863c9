#include "openstack/http.hpp"

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <optional>
#include <vector>

#include "raw_server.hpp"

namespace tidepool::openstack {
namespace {

const std::string kOk =
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Openstack-Request-Id: req-7\r\n\r\n{}";

class HttpTest : public testing::Test {
 protected:
  HttpRequest request(const std::string& method, const std::string& url) {
    HttpRequest wanted;
    wanted.method = method;
    wanted.url = url;
    if (method == "POST") wanted.body = "{}";
    return wanted;
  }
  void start(HttpRequest wanted, std::optional<Result<HttpResponse>>& result) {
    boost::asio::co_spawn(
        context,
        [this, wanted = std::move(wanted), &result]() -> Task<void> {
          result = co_await client->send(wanted);
        },
        boost::asio::detached);
  }
  Result<HttpResponse> send(HttpRequest wanted) {
    std::optional<Result<HttpResponse>> result;
    start(std::move(wanted), result);
    context.restart();
    context.run();
    return *result;
  }

  boost::asio::io_context context{1};
  std::unique_ptr<HttpClient> client = std::make_unique<HttpClient>(context, TlsSettings{});
};

TEST_F(HttpTest, SendsWhatItIsToldAndReadsTheAnswer) {
  std::string seen;
  RawServer server([&](int socket) {
    seen = read_request(socket);
    write_text(socket, kOk);
  });
  HttpRequest wanted = request("POST", server.url() + "/v3/auth/tokens");
  wanted.token = Secret("abc");
  wanted.headers = {{"OpenStack-API-Version", "compute 2.93"}};
  wanted.body = R"({"a":1})";
  const auto response = send(wanted);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, "{}");
  EXPECT_EQ(response->request_id(), "req-7");
  EXPECT_EQ(seen.substr(0, seen.find("\r\n")), "POST /v3/auth/tokens HTTP/1.1");
  for (const char* line : {"X-Auth-Token: abc\r\n", "OpenStack-API-Version: compute 2.93\r\n",
                           "Content-Type: application/json\r\n", "Content-Length: 7\r\n",
                           "Accept: application/json\r\n"})
    EXPECT_NE(seen.find(line), std::string::npos) << line;
  EXPECT_EQ(seen.find("Expect:"), std::string::npos);
  EXPECT_EQ(client->counts().at("POST /v3/auth/tokens"), 1);
}

TEST_F(HttpTest, ReusesAConnectionForReading) {
  RawServer server([](int socket) {
    while (!read_request(socket).empty()) write_text(socket, kOk);
  });
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(send(request("GET", server.url() + "/")));
  EXPECT_EQ(server.connections(), 1);
  client.reset();
}

TEST_F(HttpTest, APostIsNeverSentTwiceByTheTransport) {
  // Answers a connection's first request if it is a GET, takes one more, and closes without a word,
  // as a server does that dies after the work. On a kept connection curl would repeat the request.
  std::atomic<int> posts{0};
  RawServer server([&](int socket) {
    for (std::string text = read_request(socket); !text.empty(); text = read_request(socket)) {
      if (text.substr(0, 4) == "POST") {
        ++posts;
        return;
      }
      write_text(socket, kOk);
    }
  });
  ASSERT_TRUE(send(request("GET", server.url() + "/")));
  const auto lost = send(request("POST", server.url() + "/"));
  ASSERT_FALSE(lost);
  EXPECT_TRUE(lost.error().maybe_done);
  EXPECT_EQ(posts, 1);
  client.reset();
}

TEST_F(HttpTest, DroppedAfterTheRequestMayBeDone) {
  std::atomic<int> requests{0};
  RawServer server([&](int socket) {
    if (!read_request(socket).empty()) ++requests;
  });
  const auto response = send(request("POST", server.url() + "/"));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::server_error);
  EXPECT_TRUE(response.error().maybe_done);
  EXPECT_EQ(requests, 1);
}

TEST_F(HttpTest, CutOffInTheBody) {
  RawServer server([](int socket) {
    read_request(socket);
    write_text(socket, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"half\":");
  });
  const auto response = send(request("GET", server.url() + "/"));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::server_error);
  EXPECT_TRUE(response.error().maybe_done);
}

TEST_F(HttpTest, NoAnswerIsATimeout) {
  RawServer server([](int socket) {
    read_request(socket);
    read_request(socket);  // until the client gives up
  });
  HttpRequest wanted = request("GET", server.url() + "/");
  wanted.timeout = std::chrono::milliseconds(1000);
  const auto response = send(wanted);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::timeout);
  EXPECT_TRUE(response.error().maybe_done);
}

TEST_F(HttpTest, NobodyThereIsUnreachable) {
  std::string url;
  {
    RawServer server([](int) {});
    url = server.url();
  }
  const auto response = send(request("POST", url + "/v2.1/servers?secret=1"));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::unreachable);
  EXPECT_FALSE(response.error().maybe_done);
  EXPECT_NE(response.error().message.find(url), std::string::npos);
  EXPECT_EQ(response.error().message.find("secret"), std::string::npos);
}

TEST_F(HttpTest, ARedirectIsNotFollowed) {
  std::atomic<int> leaked{0};
  RawServer elsewhere([&](int socket) {
    ++leaked;
    read_request(socket);
  });
  RawServer server([&](int socket) {
    read_request(socket);
    write_text(socket, "HTTP/1.1 302 Found\r\nLocation: " + elsewhere.url() +
                           "/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  });
  const auto response = send(request("GET", server.url() + "/"));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 302);
  EXPECT_EQ(leaked, 0);
}

TEST_F(HttpTest, MayGoWithRequestsInFlight) {
  RawServer server([](int socket) {
    read_request(socket);
    read_request(socket);
  });
  std::vector<std::optional<Result<HttpResponse>>> results(5);
  for (auto& result : results) start(request("GET", server.url() + "/"), result);
  while (server.connections() == 0) context.run_one();
  client.reset();
  context.run();
  for (const auto& result : results) {
    ASSERT_TRUE(result);
    ASSERT_FALSE(*result);
    EXPECT_EQ(result->error().kind, ErrorKind::internal);
    EXPECT_TRUE(result->error().maybe_done);
  }
}

TEST_F(HttpTest, CoroutinesMayGoWithRequestsInFlight) {
  RawServer server([](int socket) {
    read_request(socket);
    read_request(socket);
  });
  auto other = std::make_unique<boost::asio::io_context>(1);
  auto owned = std::make_unique<HttpClient>(*other, TlsSettings{});
  boost::asio::co_spawn(
      *other, [&]() -> Task<void> { co_await owned->send(request("GET", server.url() + "/")); },
      boost::asio::detached);
  while (server.connections() == 0) other->run_one();
  owned.reset();
  other.reset();  // destroys the suspended coroutine
}

TEST_F(HttpTest, ManyAtOnce) {
  RawServer server([](int socket) {
    read_request(socket);
    write_text(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}");
  });
  std::vector<std::optional<Result<HttpResponse>>> results(50);
  for (auto& result : results) start(request("POST", server.url() + "/"), result);
  context.run();
  for (const auto& result : results) EXPECT_TRUE(result && *result);
  EXPECT_EQ(client->counts().at("POST /"), 50);
}

}  // namespace
}  // namespace tidepool::openstack
