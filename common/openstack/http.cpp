#include "openstack/http.hpp"

#include <fmt/format.h>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <set>
#include <utility>

#include "openstack/curl_loop.hpp"
#include "openstack/route.hpp"
#include "openstack/transfer.hpp"

namespace tidepool::openstack {
namespace {

// A request in flight: the coroutine sleeps on `done` until the loop has the result.
struct Exchange {
  Exchange(boost::asio::io_context& context, HttpRequest request, const TlsSettings& tls)
      : transfer(std::move(request), tls),
        done(context, boost::asio::steady_timer::time_point::max()) {}
  Transfer transfer;
  boost::asio::steady_timer done;
  std::optional<Result<HttpResponse>> result;
};

}  // namespace

std::string HttpResponse::request_id() const {
  for (const char* name : {"x-openstack-request-id", "x-compute-request-id"}) {
    const auto found = headers.find(name);
    // A proxy may have doubled it.
    if (found != headers.end()) return found->second.substr(0, found->second.find(','));
  }
  return {};
}

class HttpClient::Impl {
 public:
  Impl(boost::asio::io_context& where, TlsSettings settings)
      : context(where), tls(std::move(settings)), loop(where) {}

  // Wakes every waiting coroutine; they hold no reference to this object any more.
  ~Impl() {
    for (const auto& exchange : std::exchange(in_flight, {})) {
      loop.remove(exchange->transfer.handle());
      Error error;
      error.kind = ErrorKind::internal;
      error.message = "the request was given up: its client is gone";
      error.maybe_done = true;
      exchange->result = fail(std::move(error));
      exchange->done.cancel();
    }
  }

  boost::asio::io_context& context;
  TlsSettings tls;
  CurlLoop loop;
  std::set<std::shared_ptr<Exchange>> in_flight;
  std::map<std::string, int> counts;
};

HttpClient::HttpClient(boost::asio::io_context& context, TlsSettings tls)
    : impl_(std::make_unique<Impl>(context, std::move(tls))) {}
HttpClient::~HttpClient() = default;

const std::map<std::string, int>& HttpClient::counts() const {
  return impl_->counts;
}

Task<Result<HttpResponse>> HttpClient::send(HttpRequest request) {
  ++impl_->counts[request.method + " " + route_of(request.url)];
  auto exchange = std::make_shared<Exchange>(impl_->context, std::move(request), impl_->tls);
  CURL* easy = exchange->transfer.handle();
  // The loop holds the exchange until it is over, also when this coroutine is destroyed before.
  const CURLMcode code = impl_->loop.add(easy, [impl = impl_.get(), exchange](CURLcode outcome) {
    impl->in_flight.erase(exchange);
    exchange->result = exchange->transfer.result(outcome);
    exchange->done.cancel();
  });
  if (code != CURLM_OK)
    co_return fail(ErrorKind::internal, fmt::format("curl: {}", curl_multi_strerror(code)));
  impl_->in_flight.insert(exchange);
  // From here on `this` may be gone whenever the coroutine runs again.
  boost::system::error_code ignored;
  while (!exchange->result)
    co_await exchange->done.async_wait(
        boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
  co_return *std::move(exchange->result);
}

}  // namespace tidepool::openstack
