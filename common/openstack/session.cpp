#include "openstack/session.hpp"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <random>
#include <set>
#include <utility>

#include "openstack/auth_request.hpp"
#include "openstack/errors.hpp"
#include "openstack/microversion.hpp"
#include "openstack/retry.hpp"
#include "openstack/token_cache.hpp"

namespace tidepool::openstack {
namespace {

using boost::asio::steady_timer;

// Work that one coroutine does and others wait for.
struct Flight {
  explicit Flight(boost::asio::io_context& context)
      : done(context, steady_timer::time_point::max()) {}
  steady_timer done;
  std::optional<Result<void>> result;

  void land(Result<void> outcome) {
    result = std::move(outcome);
    done.cancel();
  }
};

Task<void> wait(steady_timer& timer) {
  boost::system::error_code ignored;
  co_await timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
}

TlsSettings tls_of(const CloudSettings& settings) {
  return {settings.verify, settings.cacert, settings.cert, settings.key};
}

bool repeatable(const std::string& method) {
  return method == "GET" || method == "HEAD" || method == "DELETE";
}

}  // namespace

class Session::Impl : public std::enable_shared_from_this<Session::Impl> {
 public:
  Impl(boost::asio::io_context& where, CloudSettings given, const std::filesystem::path& folder)
      : context(where),
        settings(std::move(given)),
        client(std::make_unique<HttpClient>(where, tls_of(settings))),
        cache(folder, auth_identity(settings)),
        ids(folder, auth_identity(settings)) {}

  void close() {
    client.reset();
    for (steady_timer* timer : sleepers_) timer->cancel();
  }

  Task<Result<HttpResponse>> call(ApiRequest request);
  Task<Result<void>> ensure_token(Secret refused);
  Task<Result<void>> ensure_microversion();

  boost::asio::io_context& context;
  CloudSettings settings;
  std::unique_ptr<HttpClient> client;  // null: the session is closed
  TokenCache cache;
  IdCache ids;
  std::optional<Token> token;

 private:
  Task<Result<HttpResponse>> attempt(const ApiRequest& request);
  Task<Result<HttpResponse>> send(HttpRequest request, bool again);
  Task<Result<void>> authenticate();
  Task<Result<void>> ask_microversion();
  Task<Result<void>> shared(std::shared_ptr<Flight>& slot, Task<Result<void>> work);
  tl::unexpected<Error> closed() const {
    return fail(ErrorKind::internal, "the request was given up: its session is gone");
  }

  RetryPolicy policy_;
  std::minstd_rand random_{std::random_device{}()};
  std::set<steady_timer*> sleepers_;
  std::shared_ptr<Flight> authenticating_, agreeing_;
};

// One request to a service, repeated by the policy if it may be. Non-2xx answers become Errors.
Task<Result<HttpResponse>> Session::Impl::send(HttpRequest request, bool again) {
  for (int made = 1;; ++made) {
    if (!client) co_return closed();
    auto response = co_await client->send(request);
    if (response && response->status >= 200 && response->status < 300) co_return response;
    Error error = response ? error_from(*response) : std::move(response.error());
    const double dice = std::uniform_real_distribution<>(0, 1)(random_);
    const auto pause = again ? policy_.wait(error, made, dice) : std::nullopt;
    if (!pause || !client) co_return fail(std::move(error));
    steady_timer timer(context, *pause);
    sleepers_.insert(&timer);
    co_await wait(timer);
    sleepers_.erase(&timer);
  }
}

// Runs `work` unless it runs already; then waits for that one's outcome.
Task<Result<void>> Session::Impl::shared(std::shared_ptr<Flight>& slot, Task<Result<void>> work) {
  if (auto flight = slot) {
    while (!flight->result) co_await wait(flight->done);
    co_return *flight->result;
  }
  auto flight = slot = std::make_shared<Flight>(context);
  flight->land(co_await std::move(work));
  slot.reset();
  co_return *flight->result;
}

// A token that can be used and is not `refused` (empty: none was).
Task<Result<void>> Session::Impl::ensure_token(Secret refused) {
  const auto good = [&](const std::optional<Token>& t) {
    return t && t->usable(now()) && (refused.empty() || t->value != refused);
  };
  if (good(token)) co_return Result<void>{};
  // Another process may have been first, also in replacing the one that was refused.
  if (auto cached = cache.load(now()); good(cached)) {
    token = std::move(cached);
    co_return Result<void>{};
  }
  co_return co_await shared(authenticating_, authenticate());
}

Task<Result<void>> Session::Impl::authenticate() {
  auto body = auth_request(settings);
  if (!body) co_return fail(body.error());
  HttpRequest request;
  request.method = "POST";
  request.url = with_version(settings.auth_url, Service::identity) + "/auth/tokens";
  request.body = body->reveal();
  auto response = co_await send(std::move(request), true);
  if (!response)
    co_return fail(std::move(response.error()).context("authentication at cloud " + settings.name));
  auto fresh = read_token(*response);
  if (!fresh) co_return fail(fresh.error());
  if (token) fresh->compute_microversion = token->compute_microversion;
  token = *std::move(fresh);
  cache.store(*token);
  co_return Result<void>{};
}

Task<Result<void>> Session::Impl::ensure_microversion() {
  if (token && !token->compute_microversion.empty()) co_return Result<void>{};
  co_return co_await shared(agreeing_, ask_microversion());
}

Task<Result<void>> Session::Impl::ask_microversion() {
  auto url = find_endpoint(token->catalog, settings, Service::compute);
  if (!url) co_return fail(url.error());
  // The root of the version ("…/v2.1/"), without a project id that old endpoints end with.
  const auto path = url->find('/', url->find("://") + 3);
  if (const auto version = url->find("/v2", path); version != std::string::npos)
    url->erase(std::min(url->size(), url->find('/', version + 1)));
  HttpRequest request;
  request.url = *url + "/";
  request.token = token->value;
  auto document = co_await send(std::move(request), true);
  if (!document) co_return fail(std::move(document.error()).context("compute version"));
  const auto wish = settings.default_microversion.find("compute");
  auto agreed = agree_microversion(
      *document, wish == settings.default_microversion.end() ? std::string() : wish->second);
  if (!agreed) co_return fail(agreed.error());
  if (!token) co_return closed();
  token->compute_microversion = agreed->str();
  cache.store(*token);
  co_return Result<void>{};
}

// The request with the token and version at hand.
Task<Result<HttpResponse>> Session::Impl::attempt(const ApiRequest& request) {
  if (request.service == Service::compute)
    if (auto ok = co_await ensure_microversion(); !ok) co_return fail(ok.error());
  auto url = find_endpoint(token->catalog, settings, request.service);
  if (!url) co_return fail(url.error());
  HttpRequest http;
  http.method = request.method;
  http.url = *url + request.path;
  http.body = request.body;
  http.timeout = request.timeout;
  http.token = token->value;
  if (request.service == Service::compute)
    // The first is today's header, the second what Nova before Newton reads.
    http.headers = {{"OpenStack-API-Version", "compute " + token->compute_microversion},
                    {"X-OpenStack-Nova-API-Version", token->compute_microversion}};
  co_return co_await send(std::move(http), repeatable(request.method));
}

Task<Result<HttpResponse>> Session::Impl::call(ApiRequest request) {
  if (auto ok = co_await ensure_token({}); !ok) co_return fail(ok.error());
  const Secret used = token->value;
  auto response = co_await attempt(request);
  if (response || response.error().http_status != 401) co_return response;
  // Revoked, or expired early: once more with a new one. Nothing was done with the old one.
  cache.drop(used);
  if (auto ok = co_await ensure_token(used); !ok) co_return fail(ok.error());
  co_return co_await attempt(request);
}

Session::Session(boost::asio::io_context& context, CloudSettings settings,
                 std::filesystem::path cache_dir)
    : impl_(std::make_shared<Impl>(context, std::move(settings), cache_dir)) {}
Session::~Session() {
  impl_->close();
}

Task<Result<HttpResponse>> Session::call(ApiRequest request) {
  auto impl = impl_;
  co_return co_await impl->call(std::move(request));
}

Task<Result<Session::Identity>> Session::identity() {
  auto impl = impl_;
  if (auto ok = co_await impl->ensure_token({}); !ok) co_return fail(ok.error());
  const Token& token = *impl->token;
  co_return Identity{token.project_id, token.project_name, token.user_id, token.roles,
                     to_millis(token.expires)};
}

Task<Result<std::string>> Session::endpoint(Service service) {
  auto impl = impl_;
  if (auto ok = co_await impl->ensure_token({}); !ok) co_return fail(ok.error());
  co_return find_endpoint(impl->token->catalog, impl->settings, service);
}

Task<Result<std::string>> Session::compute_microversion() {
  auto impl = impl_;
  if (auto ok = co_await impl->ensure_token({}); !ok) co_return fail(ok.error());
  if (auto ok = co_await impl->ensure_microversion(); !ok) co_return fail(ok.error());
  co_return impl->token->compute_microversion;
}

HttpClient& Session::http() {
  return *impl_->client;
}
const CloudSettings& Session::settings() const {
  return impl_->settings;
}
IdCache& Session::ids() {
  return impl_->ids;
}
void Session::forget_ids() {
  impl_->ids.forget();
}

}  // namespace tidepool::openstack
