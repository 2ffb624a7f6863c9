// What a verb works with: the pool file, the store, the cloud, slurmctld. Borrowed, not owned.
#pragma once

#include <boost/asio/io_context.hpp>

#include "base/clock.hpp"
#include "config/pool_file.hpp"
#include "openstack/cloud.hpp"
#include "openstack/limiter.hpp"
#include "slurm/controller.hpp"
#include "store/store.hpp"

namespace tidepool {

struct Surroundings {
  boost::asio::io_context& context;
  const PoolFile& pools;
  Store& store;
  openstack::Cloud& cloud;
  openstack::Limiter& limiter;  // API requests at once
  slurm::Controller& controller;
  Millis resume_timeout{60'000};   // slurm.conf's ResumeTimeout
  Millis slurmd_timeout{300'000};  // slurm.conf's SlurmdTimeout
};

}  // namespace tidepool
