// Result<T>: a value or an Error. No function of the library throws across its boundary.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace tidepool {

// What went wrong, as a class that policy can act on; never decide by a message's words.
enum class ErrorKind {
  invalid,         // bad input: file, argument, option
  not_found,       // the thing named does not exist
  conflict,        // the state changed under us (409): read again
  quota,           // the project's quota is exhausted
  no_valid_host,   // the scheduler found no host
  bad_request,     // the cloud refuses the request itself: flavor, image or network gone
  address_in_use,  // the fixed IP belongs to another port
  auth,            // credentials refused
  forbidden,       // policy does not allow it
  throttled,       // too many requests: see retry_after
  server_error,    // 5xx, or an answer that cannot be read
  timeout,         // no answer in time
  unreachable,     // no connection
  busy,            // somebody else holds the lock
  io,              // file system, process
  disk_full,       // ENOSPC, EDQUOT, SQLITE_FULL
  internal,        // a bug of ours
};

std::string_view to_string(ErrorKind kind);
// The inverse; nullopt for an unknown word.
std::optional<ErrorKind> error_kind(std::string_view word);

struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string message;     // for people, without secrets, no trailing full stop
  std::string request_id;  // x-openstack-request-id of the answer, if there was one
  std::optional<std::chrono::seconds> retry_after;
  int http_status = 0;      // 0: not from an HTTP answer
  bool maybe_done = false;  // the request may have been carried out although no answer came

  // Prefixes the message: Error{"x"}.context("reading y") is "reading y: x".
  Error context(std::string_view what) &&;
  // True where trying the same again later can help.
  bool retryable() const;
};

template <typename T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(ErrorKind kind, std::string message) {
  Error error;
  error.kind = kind;
  error.message = std::move(message);
  return tl::unexpected<Error>(std::move(error));
}
inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

// fail_errno(errno, "/etc/x"): an Error of the kind that errno tells, "/etc/x: No such file…".
tl::unexpected<Error> fail_errno(int code, std::string_view what);

}  // namespace tidepool
