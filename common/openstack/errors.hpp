// Turns OpenStack's error answers and server faults into ErrorKinds.
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "openstack/http.hpp"

namespace tidepool::openstack {

// For an answer of status >= 400: kind by status and body shape, message in the service's own
// words, request id, Retry-After (seconds or date, capped at 300 s).
// 403 with "Quota exceeded" is quota, 400 "Fixed IP address … already in use" is address_in_use, …
Error error_from(const HttpResponse& response);

// The class of a server's fault message ("No valid host was found. …").
ErrorKind fault_kind(std::string_view message);

}  // namespace tidepool::openstack
