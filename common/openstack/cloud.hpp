// Cloud: a session and its services, for whoever works with one cloud.
#pragma once

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <map>
#include <string>
#include "base/async.hpp"

#include "config/cloud_settings.hpp"
#include "openstack/compute.hpp"
#include "openstack/image.hpp"
#include "openstack/network.hpp"
#include "openstack/placement.hpp"
#include "openstack/session.hpp"

namespace tidepool::openstack {

// The context must outlive it. Requests in flight when it goes end with ErrorKind::internal.
class Cloud {
 public:
  // `cache_dir`: a private folder for tokens and ids; empty: nothing is kept.
  Cloud(boost::asio::io_context& context, CloudSettings settings, std::filesystem::path cache_dir);

  Session& session() { return session_; }
  Compute& compute() { return compute_; }
  Network& network() { return network_; }
  Image& image() { return image_; }
  Placement& placement() { return placement_; }

  // Requests begun, by "METHOD route" (http.hpp).
  const std::map<std::string, int>& counts() { return session_.http().counts(); }

 private:
  Session session_;
  Compute compute_;
  Network network_;
  Image image_;
  Placement placement_;
};

}  // namespace tidepool::openstack
