#include "base/result.hpp"

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace tidepool {
namespace {
constexpr std::array<std::pair<ErrorKind, std::string_view>, 17> kNames{{
    {ErrorKind::invalid, "invalid"},
    {ErrorKind::not_found, "not_found"},
    {ErrorKind::conflict, "conflict"},
    {ErrorKind::quota, "quota"},
    {ErrorKind::no_valid_host, "no_valid_host"},
    {ErrorKind::bad_request, "bad_request"},
    {ErrorKind::address_in_use, "address_in_use"},
    {ErrorKind::auth, "auth"},
    {ErrorKind::forbidden, "forbidden"},
    {ErrorKind::throttled, "throttled"},
    {ErrorKind::server_error, "server_error"},
    {ErrorKind::timeout, "timeout"},
    {ErrorKind::unreachable, "unreachable"},
    {ErrorKind::busy, "busy"},
    {ErrorKind::io, "io"},
    {ErrorKind::disk_full, "disk_full"},
    {ErrorKind::internal, "internal"},
}};
}  // namespace

std::string_view to_string(ErrorKind kind) {
  for (const auto& [k, name] : kNames)
    if (k == kind) return name;
  return "internal";
}

std::optional<ErrorKind> error_kind(std::string_view word) {
  for (const auto& [k, name] : kNames)
    if (name == word) return k;
  return std::nullopt;
}

Error Error::context(std::string_view what) && {
  message = std::string(what) + ": " + message;
  return std::move(*this);
}

bool Error::retryable() const {
  switch (kind) {
    case ErrorKind::throttled:
    case ErrorKind::server_error:
    case ErrorKind::timeout:
    case ErrorKind::unreachable:
    case ErrorKind::conflict:
    case ErrorKind::busy:
      return true;
    default:
      return false;
  }
}

tl::unexpected<Error> fail_errno(int code, std::string_view what) {
  ErrorKind kind = ErrorKind::io;
  if (code == ENOENT) kind = ErrorKind::not_found;
  if (code == ENOSPC || code == EDQUOT) kind = ErrorKind::disk_full;
  return fail(kind, std::string(what) + ": " + std::generic_category().message(code));
}

}  // namespace tidepool
