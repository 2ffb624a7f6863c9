// Base64 (RFC 4648, with padding), as Nova wants user_data.
#pragma once

#include <string>
#include <string_view>

namespace tidepool::openstack {

std::string base64(std::string_view bytes);

}  // namespace tidepool::openstack
