#include "openstack/cloud.hpp"

#include <utility>

namespace tidepool::openstack {

Cloud::Cloud(boost::asio::io_context& context, CloudSettings settings,
             std::filesystem::path cache_dir)
    : session_(context, std::move(settings), std::move(cache_dir)),
      compute_(session_),
      network_(session_),
      image_(session_),
      placement_(session_) {}

}  // namespace tidepool::openstack
