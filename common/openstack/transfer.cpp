#include "openstack/transfer.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

namespace tidepool::openstack {
namespace {

constexpr std::size_t kMaxBody = 64u << 20;
constexpr long kConnectTimeoutMs = 10'000;

std::string_view trimmed(std::string_view text) {
  const auto space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && space(text.front())) text.remove_prefix(1);
  while (!text.empty() && space(text.back())) text.remove_suffix(1);
  return text;
}

// "https://keystone:5000" of a URL: what a message may name (a query could hold anything).
std::string origin(const std::string& url) {
  const auto scheme = url.find("://");
  const auto end = url.find_first_of("/?#", scheme == std::string::npos ? 0 : scheme + 3);
  std::string text = url.substr(0, end);
  if (const auto at = text.rfind('@'); at != std::string::npos && scheme != std::string::npos)
    text.erase(scheme + 3, at - scheme - 2);  // never a user:password@
  return text;
}

}  // namespace

Transfer::Transfer(HttpRequest request, const TlsSettings& tls)
    : request_(std::move(request)), easy_(curl_easy_init()) {
  CURL* easy = easy_.get();
  curl_easy_setopt(easy, CURLOPT_URL, request_.url.c_str());
#if LIBCURL_VERSION_NUM >= 0x075500
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  // A redirect could carry the token to another host: it is handed back as the answer it is.
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeoutMs);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request_.timeout.count()));
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, reason_);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Transfer::on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);

  if (request_.method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  } else {
    if (!request_.body.empty() || request_.method == "POST") {
      curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                       static_cast<curl_off_t>(request_.body.size()));
      curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request_.body.c_str());
    }
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
  }
  // When a kept connection turns out to be dead, curl sends the request again by itself, POST
  // included; a server may have acted on the first. On a connection of its own it never does.
  if (request_.method != "GET" && request_.method != "HEAD" && request_.method != "DELETE")
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
  set_headers();
  set_tls(tls);
}

void Transfer::set_headers() {
  curl_slist* list = nullptr;
  const auto add = [&](const std::string& line) { list = curl_slist_append(list, line.c_str()); };
  add("Accept: application/json");
  add("Expect:");  // no 100-continue round trip
  add(request_.body.empty() ? "Content-Type:" : "Content-Type: application/json");
  add("User-Agent: tidepool/" TIDEPOOL_VERSION);
  if (!request_.token.empty()) add("X-Auth-Token: " + request_.token.reveal());
  for (const auto& [name, value] : request_.headers) add(name + ": " + value);
  headers_.reset(list);
  curl_easy_setopt(easy_.get(), CURLOPT_HTTPHEADER, list);
}

void Transfer::set_tls(const TlsSettings& tls) {
  CURL* easy = easy_.get();
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, tls.verify ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, tls.verify ? 2L : 0L);
  if (!tls.cacert.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, tls.cacert.c_str());
  if (!tls.cert.empty()) curl_easy_setopt(easy, CURLOPT_SSLCERT, tls.cert.c_str());
  if (!tls.key.empty()) curl_easy_setopt(easy, CURLOPT_SSLKEY, tls.key.c_str());
}

std::size_t Transfer::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  auto& headers = static_cast<Transfer*>(self)->response_.headers;
  const std::string_view line = trimmed({data, size * count});
  if (line.substr(0, 5) == "HTTP/") {
    headers.clear();  // an interim answer (1xx) came before
    return size * count;
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return size * count;
  std::string name(line.substr(0, colon));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const std::string_view value = trimmed(line.substr(colon + 1));
  auto [entry, fresh] = headers.emplace(std::move(name), value);
  if (!fresh) entry->second.append(", ").append(value);
  return size * count;
}

std::size_t Transfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  if (transfer.response_.body.size() + size * count > kMaxBody) {
    transfer.too_large_ = true;
    return 0;
  }
  transfer.response_.body.append(data, size * count);
  return size * count;
}

Result<HttpResponse> Transfer::result(CURLcode code) {
  if (code != CURLE_OK) return fail(error(code));
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  response_.status = static_cast<int>(status);
  return std::move(response_);
}

Error Transfer::error(CURLcode code) const {
  Error error;
  error.request_id = response_.request_id();
  // Bytes of the request that left us. None: the service cannot have acted.
  long sent = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_REQUEST_SIZE, &sent);
  error.maybe_done = sent > 0;
  const std::string place = origin(request_.url);
  const std::string why = reason_[0] != '\0' ? reason_ : curl_easy_strerror(code);
  if (too_large_) {
    error.kind = ErrorKind::server_error;
    error.http_status = 200;  // there was an answer: asking again would not make it smaller
    error.message = fmt::format("{}: the answer is larger than {} MiB", place, kMaxBody >> 20);
  } else if (!error.maybe_done) {
    error.kind = ErrorKind::unreachable;
    error.message = fmt::format("{}: {}", place, why);
  } else if (code == CURLE_OPERATION_TIMEDOUT) {
    error.kind = ErrorKind::timeout;
    error.message = fmt::format("{}: no complete answer to {} within {} s", place, request_.method,
                                request_.timeout.count() / 1000.0);
  } else {
    error.kind = ErrorKind::server_error;
    error.message = fmt::format("{}: connection broke during {}: {}", place, request_.method, why);
  }
  return error;
}

}  // namespace tidepool::openstack
