// Glance: images. https://docs.openstack.org/api-ref/image/v2/
#pragma once

#include <string>
#include <vector>
#include "base/async.hpp"

#include "base/result.hpp"
#include "openstack/session.hpp"

namespace tidepool::openstack {

struct ImageInfo {
  std::string id, name, status;  // "active", "queued", …
  int min_ram_mib = 0, min_disk_gib = 0;
  // Properties, "" when the image has none: hw_machine_type ("pc-i440fx-7.2"),
  // hw_qemu_guest_agent ("yes").
  std::string machine_type, guest_agent;
};

class Image {
 public:
  explicit Image(Session& session) : session_(session) {}
  // By id or name; not_found; conflict when a name fits several active ones.
  Task<Result<ImageInfo>> find_image(std::string name_or_id);
  // As it is now, never from the cache; not_found.
  Task<Result<ImageInfo>> get_image(std::string id);
  // Every image that the project owns, whatever its status.
  Task<Result<std::vector<ImageInfo>>> list_images(std::string project_id);
  // Deleted, or gone already: both are success. conflict: in use; forbidden: protected.
  Task<Result<void>> delete_image(std::string id);

 private:
  Session& session_;
};

}  // namespace tidepool::openstack
