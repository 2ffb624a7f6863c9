#include "openstack/errors.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <string>

#include "openstack/redact.hpp"
#include "openstack/retry.hpp"

namespace tidepool::openstack {
namespace {

using Json = nlohmann::json;

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

struct Answer {
  std::string message;
  std::string type;  // Neutron's exception name, else empty
};

std::string text_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// Nova: {"<name>": {"code", "message"}}; Keystone: {"error": {…}}; Neutron: {"NeutronError":
// {"type", "message"}}; Placement: {"errors": [{"title", "detail"}]}; WSGI: {"message": …}.
Answer read_answer(const HttpResponse& response) {
  const Json body = Json::parse(response.body, nullptr, false);
  if (!body.is_object()) {
    // A proxy's HTML page says nothing that its status does not say.
    const bool markup = response.body.find('<') != std::string::npos;
    return {markup ? std::string() : response.body, {}};
  }
  if (const auto errors = body.find("errors"); errors != body.end() && errors->is_array() &&
                                               !errors->empty() && errors->front().is_object()) {
    const std::string detail = text_at(errors->front(), "detail");
    return {detail.empty() ? text_at(errors->front(), "title") : detail, {}};
  }
  for (const auto& [key, value] : body.items()) {
    if (value.is_object() && value.contains("message"))
      return {text_at(value, "message"), text_at(value, "type")};
    if (key == "NeutronError" && value.is_string()) return {value.get<std::string>(), {}};
  }
  return {text_at(body, "message"), {}};
}

bool speaks_of_quota(const Answer& answer) {
  // "Quota exceeded for cores: …", Neutron's OverQuota, Nova's PortLimitExceeded.
  return has(answer.message, "Quota exceeded") || has(answer.message, "Quota Exceeded") ||
         answer.type == "OverQuota" || has(answer.message, "Maximum number of ports exceeded");
}

bool speaks_of_address(const Answer& answer) {
  return answer.type == "IpAddressAlreadyAllocated" || answer.type == "IpAddressInUse" ||
         (has(answer.message, "Fixed IP address") && has(answer.message, "already in use"));
}

ErrorKind kind_of(int status, const Answer& answer, bool says_when) {
  if (status >= 500) return ErrorKind::server_error;
  if (speaks_of_address(answer)) return ErrorKind::address_in_use;
  if ((status == 403 || status == 409 || status == 413) && speaks_of_quota(answer))
    return ErrorKind::quota;
  switch (status) {
    case 401:
      return ErrorKind::auth;
    case 403:
      return ErrorKind::forbidden;
    case 404:
    case 410:
      return ErrorKind::not_found;
    case 408:
      return ErrorKind::timeout;
    case 409:
      return ErrorKind::conflict;
    case 429:
      return ErrorKind::throttled;
    // Nova of old said "over the limit" with 413; without Retry-After the body is too large.
    case 413:
      return says_when ? ErrorKind::throttled : ErrorKind::bad_request;
    default:
      break;
  }
  // A redirect is not followed (the token would go along): the endpoint URL is wrong.
  return status < 400 ? ErrorKind::server_error : ErrorKind::bad_request;
}

}  // namespace

Error error_from(const HttpResponse& response) {
  const Answer answer = read_answer(response);
  Error error;
  error.http_status = response.status;
  error.request_id = response.request_id();
  if (const auto header = response.headers.find("retry-after"); header != response.headers.end())
    error.retry_after = parse_retry_after(header->second, now());
  error.kind = kind_of(response.status, answer, error.retry_after.has_value());
  // Behind a balancer a 5xx does not tell whether the service has acted.
  error.maybe_done = response.status >= 500;
  error.message = safe_text(answer.message);
  if (error.message.empty()) error.message = fmt::format("HTTP {}", response.status);
  if (response.status >= 300 && response.status < 400)
    if (const auto target = response.headers.find("location"); target != response.headers.end())
      error.message = "redirected to " + safe_text(target->second) + "; correct the endpoint";
  return error;
}

ErrorKind fault_kind(std::string_view message) {
  if (has(message, "No valid host") || has(message, "Insufficient compute resources"))
    return ErrorKind::no_valid_host;
  if (has(message, "Quota exceeded") || has(message, "PortLimitExceeded") ||
      has(message, "Maximum number of ports exceeded"))
    return ErrorKind::quota;
  if (has(message, "already in use") || has(message, "already allocated"))
    return ErrorKind::address_in_use;
  if (has(message, "is not a valid ip address for network") ||
      has(message, "is not a valid IP for any of the subnets") ||
      (has(message, "Image") &&
       (has(message, "could not be found") || has(message, "unacceptable"))) ||
      (has(message, "Network") && has(message, "could not be found")) ||
      has(message, "disk is too small"))
    return ErrorKind::bad_request;
  // Among them "Exceeded maximum number of retries", which hides the cause: a race for an
  // address, a network that is another project's, or hypervisors that fail.
  return ErrorKind::server_error;
}

}  // namespace tidepool::openstack
