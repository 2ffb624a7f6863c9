// What a hold asks of the cloud and of guests: one request per function, each with its permit.
#pragma once

#include <string>

#include "base/async.hpp"
#include "openstack/compute.hpp"
#include "work/surroundings.hpp"

namespace tidepool {

Task<Result<void>> hold_act(Surroundings& s, std::string server_id, openstack::ServerAction action);

// Tells the guest to hibernate: the pool's hibernate_command, else Nova's os-stop, which presses
// the power key. forbidden: the guest has refused; its processes run on.
Task<Result<void>> hold_hibernate(Surroundings& s, std::string node, std::string address,
                                  std::string server_id);

// The image that a server is kept in, begun now or by an earlier worker: its id.
Task<Result<std::string>> hold_save(Surroundings& s, std::string server_id, std::string name);
// The image's status: "active", "saving", …
Task<Result<std::string>> hold_image_status(Surroundings& s, std::string image_id);

}  // namespace tidepool
