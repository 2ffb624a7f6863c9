#include "cloud/shelve.hpp"

#include "cloud/build.hpp"
#include "cloud/ids.hpp"
#include "cloud/step.hpp"

namespace tidepool::sim {
namespace {

void shelved(Cloud& cloud, const ServerPtr& server) {
  server->vm_state = "shelved";
  server->power_state = 4;
  server->task_state.clear();
  touch(*server);
  const auto image = cloud.images.find(server->snapshot_id);
  if (image != cloud.images.end()) image->second.status = "active";
  const long wait = cloud.settings.shelved_offload_seconds;
  if (wait == 0) start_offload(cloud, server);
  if (wait <= 0) return;
  cloud.scheduler.after(Millis(wait * 1000), [&cloud, server, epoch = server->epoch] {
    const std::lock_guard lock(cloud.mutex);
    if (server->epoch == epoch && server->vm_state == "shelved" && server->task_state.empty())
      start_offload(cloud, server);
  });
}

void unshelved(Cloud& cloud, Server& server) {
  server.vm_state = "active";
  server.power_state = 1;
  server.task_state.clear();
  for (const auto& id : server.ports) cloud.ports.at(id).host = server.host;
  cloud.images.erase(server.snapshot_id);
  server.snapshot_id.clear();
  if (!server.actions.empty()) server.actions.back().updated = wall_now();
  touch(server);
}

}  // namespace

std::string add_snapshot(Cloud& cloud, const Server& server, const std::string& name) {
  Image image;
  image.id = uuid();
  image.name = name;
  image.owner = server.project_id;
  image.status = "queued";
  image.min_disk = server.flavor.disk;
  image.created = image.updated = wall_now();
  image.properties = {{"base_image_ref", server.image_id},
                      {"image_type", "snapshot"},
                      {"instance_uuid", server.id},
                      {"boot_roles", "member,reader"},
                      {"owner_user_name", cloud.users.at(server.user_id).name},
                      {"owner_project_name", cloud.projects.at(server.project_id).name},
                      {"user_id", server.user_id}};
  cloud.images[image.id] = image;
  return image.id;
}

void start_shelve(Cloud& cloud, const ServerPtr& server) {
  server->task_state = "shelving";
  start_step(cloud, server,
             {"shelve", "stop", [server](Cloud& at, Server& stopped) {
                stopped.task_state = "shelving_image_uploading";
                stopped.snapshot_id = add_snapshot(at, stopped, stopped.name + "-shelved");
                touch(stopped);
                start_step(at, server, {"upload", "", [server](Cloud& then, Server&) {
                                          shelved(then, server);
                                        }});
              }});
}

void start_offload(Cloud& cloud, const ServerPtr& server) {
  server->task_state = "shelving_offloading";
  start_step(cloud, server,
             {"offload", "", [](Cloud& at, Server& left) {
                left.vm_state = "shelved_offloaded";
                left.task_state.clear();
                at.give_back(left);  // its ports stay its own, bound to the host it left
                if (!left.actions.empty()) left.actions.back().updated = wall_now();
                touch(left);
              }});
}

void start_unshelve(Cloud& cloud, const ServerPtr& server) {
  ++server->epoch;  // no offload is due any more
  if (server->vm_state == "shelved") {
    server->task_state = "powering-on";
    start_step(cloud, server, {"start", "boot", unshelved});
    return;
  }
  server->task_state = "unshelving";
  start_step(cloud, server,
             {"schedule", "", [server](Cloud& at, Server& back) {
                if (!place(at, back)) {  // nova logs it and leaves the server as it was
                  back.task_state.clear();
                  if (!back.actions.empty()) back.actions.back().failed = true;
                  touch(back);
                  return;
                }
                back.task_state = "spawning";
                touch(back);
                start_step(at, server, {"unshelve", "boot", unshelved});
              }});
}

}  // namespace tidepool::sim
