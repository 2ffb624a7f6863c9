#include "cloud/seed.hpp"

#include "cloud/cloud.hpp"
#include "cloud/ids.hpp"

namespace tidepool::sim {
namespace {

// An id made from a name: a hash, spread over 32 hex digits.
std::string stable_hex(const std::string& name) {
  return host_id(name, "tidepool").substr(0, 32);
}

std::string stable_uuid(const std::string& name) {
  std::string id = stable_hex(name);
  id[12] = '4';
  id[16] = 'a';
  for (std::size_t at : {8U, 13U, 18U, 23U}) id.insert(at, "-");
  return id;
}

void seed_identity(Cloud& cloud) {
  for (const char* name : {"demo", "other", "admin"}) {
    Project project{stable_hex(std::string("project ") + name), name, cloud.settings.quota};
    User user{stable_hex(std::string("user ") + name), name, std::string(name) + "-secret", {}};
    user.roles[project.id] = {"member", "reader"};
    cloud.projects[project.id] = project;
    cloud.users[user.id] = user;
  }
  User& admin = cloud.users.at(stable_hex("user admin"));
  for (const auto& [id, project] : cloud.projects) admin.roles[id] = {"admin", "member", "reader"};
  Credential credential{stable_hex("credential demo"), "demo-appcred",
                        "demo-appcred-secret",         stable_hex("user demo"),
                        stable_hex("project demo"),    {"member", "reader"}};
  cloud.credentials[credential.id] = credential;
}

void seed_networks(Cloud& cloud) {
  for (const auto& spec : cloud.settings.networks) {
    Network network;
    network.id = stable_uuid("network " + spec.name);
    network.subnet_id = stable_uuid("subnet " + spec.name);
    network.name = spec.name;
    network.project_id = cloud.project_by_name(spec.owner)->id;
    network.shared = spec.shared;
    network.block = spec.block;
    // Neutron picks from the upper half only: the lower one is for addresses that people choose.
    network.pool_first = spec.block.base + spec.block.size() / 2;
    network.pool_last = spec.block.last() - 1;
    network.created = wall_now();
    cloud.networks[network.id] = network;
  }
}

}  // namespace

void seed(Cloud& cloud) {
  seed_identity(cloud);
  seed_networks(cloud);
  int number = 0;
  for (const auto& spec : cloud.settings.flavors) {
    cloud.flavors.push_back(
        {std::to_string(++number), spec.name, spec.vcpus, spec.ram, spec.disk, {}});
  }
  for (const auto& name : cloud.settings.images) {
    Image image;
    image.id = stable_uuid("image " + name);
    image.name = name;
    image.owner = cloud.project_by_name("admin")->id;
    image.visibility = "public";
    image.size = 65536;
    image.created = image.updated = wall_now();
    cloud.images[image.id] = image;
  }
  for (long i = 1; i <= cloud.settings.hosts; ++i) {
    const std::string name = "compute" + std::to_string(i);
    cloud.hosts.push_back({stable_uuid("host " + name), name, cloud.settings.host_cores,
                           cloud.settings.host_ram, cloud.settings.host_disk, true});
  }
}

Times default_times() {
  return {
      {"schedule", Millis(100)},  // BUILD/scheduling until a host and its ports are found
      {"boot", Millis(1000)},     // BUILD/spawning until ACTIVE
      {"cleanup", Millis(0)},     // of a guest that did not boot
      {"pause", Millis(200)},
      {"unpause", Millis(200)},
      {"suspend", Millis(500)},
      {"resume", Millis(500)},
      {"stop", Millis(500)},
      {"start", Millis(500)},
      {"reboot", Millis(500)},
      {"rebuild", Millis(500)},
      {"hibernate", Millis(300)},  // the guest writes its memory, nova notices that it is off
      {"shelve", Millis(300)},
      {"upload", Millis(300)},   // shelving_image_uploading, and createImage's upload
      {"offload", Millis(300)},  // shelving_offloading
      {"unshelve", Millis(500)},
      {"delete", Millis(300)},
      {"linger", Millis(200)},  // how long a deleted server still answers as DELETED
  };
}

}  // namespace tidepool::sim
