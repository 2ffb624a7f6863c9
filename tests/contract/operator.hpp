// Operator: who runs the cloud, restarts its services and changes its settings.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "simulator.hpp"

namespace tidepool::openstack {

class Operator {
 public:
  // The simulator, or (null) the cloud that tests/openstack/cloud has in `folder`.
  Operator(const Simulator* simulator, std::filesystem::path folder);
  // Without the command (TIDEPOOL_CONTRACT_OPERATOR) nobody can do anything to a real cloud.
  bool available() const { return simulator_ != nullptr || !command_.empty(); }

  // nova's shelved_offload_time (0 or -1) and [quota]count_usage_from_placement.
  void set(int offload_time, bool count_from_placement);
  // Compute hosts that are away; they return when it works again.
  void stop_compute();
  void start_compute();
  // nova-api: connections are refused.
  void stop_api();
  void start_api();
  // RabbitMQ. The simulator has none: what a server is asked meanwhile never comes to an end there,
  // as on real services.
  void stop_queue();
  void start_queue();

 private:
  void hosts(bool up);
  void tell(const std::vector<std::string>& arguments);

  const Simulator* simulator_;
  std::filesystem::path folder_, command_;
};

}  // namespace tidepool::openstack
