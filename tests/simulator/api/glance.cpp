#include <algorithm>

#include "api/api.hpp"
#include "cloud/ids.hpp"

// Glance v2: images.
namespace tidepool::sim {
namespace {

json view(const Image& image) {
  json one = image.properties;
  const bool data = image.size > 0;
  one.update({{"id", image.id},
              {"name", image.name},
              {"owner", image.owner},
              {"status", image.status},
              {"visibility", image.visibility},
              {"disk_format", data ? json("raw") : json()},
              {"container_format", data ? json("bare") : json()},
              {"size", data ? json(image.size) : json()},
              {"virtual_size", data ? json(image.size) : json()},
              {"checksum", nullptr},
              {"protected", false},
              {"min_ram", image.min_ram},
              {"min_disk", image.min_disk},
              {"os_hidden", false},
              {"os_hash_algo", nullptr},
              {"os_hash_value", nullptr},
              {"created_at", iso_seconds(image.created)},
              {"updated_at", iso_seconds(image.updated)},
              {"tags", json::array()},
              {"self", "/v2/images/" + image.id},
              {"file", "/v2/images/" + image.id + "/file"},
              {"schema", "/v2/schemas/image"}});
  return one;
}

bool visible(const Call& call, const Image& image) {
  return image.visibility == "public" || image.owner == call.token.project_id || call.token.admin();
}

Reply list_images(Call& call) {
  std::vector<const Image*> found;
  for (const auto& [id, image] : call.cloud.images) {
    if (visible(call, image)) found.push_back(&image);
  }
  std::sort(found.begin(), found.end(), [](const Image* a, const Image* b) {
    return std::tie(b->created, b->id) < std::tie(a->created, a->id);
  });
  json all = json::array();
  bool started = !call.has("marker");
  const auto limit = static_cast<std::size_t>(std::atol(call.param("limit", "1000").c_str()));
  for (const Image* image : found) {
    const json one = view(*image);
    bool fits = started && all.size() < limit;
    for (const char* key : {"name", "status", "visibility", "owner", "id"}) {
      if (call.has(key) && one.at(key) != call.param(key)) fits = false;
    }
    if (fits) all.push_back(one);
    if (image->id == call.param("marker")) started = true;
  }
  json body = {{"images", all}, {"first", "/v2/images"}, {"schema", "/v2/schemas/images"}};
  if (call.has("limit") && all.size() == limit && limit > 0)
    body["next"] = "/v2/images?limit=" + call.param("limit") +
                   "&marker=" + all.back().at("id").get<std::string>();
  return reply(200, body);
}

Reply not_found(const std::string& id) {
  return glance_error(404, "Not Found", "No image found with ID " + id);
}

Reply show_image(Call& call) {
  const auto found = call.cloud.images.find(call.args[0]);
  if (found == call.cloud.images.end() || !visible(call, found->second))
    return not_found(call.args[0]);
  return reply(200, view(found->second));
}

// The description alone: no test sends the bytes, so it stays queued.
Reply create_image(Call& call) {
  Image image;
  image.id = uuid();
  image.name = call.body.value("name", "");
  image.owner = call.token.project_id;
  image.status = "queued";
  image.visibility = "shared";
  image.created = image.updated = wall_now();
  call.cloud.images[image.id] = image;
  return reply(201, view(image))
      .header("Location", base_url(call.cloud) + "/image/v2/images/" + image.id);
}

Reply remove_image(Call& call) {
  const auto found = call.cloud.images.find(call.args[0]);
  if (found == call.cloud.images.end() || !visible(call, found->second))
    return not_found(call.args[0]);
  if (found->second.owner != call.token.project_id && !call.token.admin())
    return glance_error(403, "Forbidden", "You are not permitted to delete this image.");
  call.cloud.images.erase(found);
  return reply(204);
}

}  // namespace

void add_glance(Router& router) {
  router.add(Service::kImage, "GET", "/image/v2/images", list_images);
  router.add(Service::kImage, "POST", "/image/v2/images", create_image);
  router.add(Service::kImage, "GET", "/image/v2/images/{id}", show_image);
  router.add(Service::kImage, "DELETE", "/image/v2/images/{id}", remove_image);
}

}  // namespace tidepool::sim
