#include "openstack/image.hpp"

#include <fmt/format.h>
#include <utility>
#include <vector>

#include "openstack/json_reader.hpp"
#include "openstack/paging.hpp"
#include "openstack/pick.hpp"

namespace tidepool::openstack {
namespace {

using Json = nlohmann::json;

Result<ImageInfo> read_image(const Json& object) {
  ImageInfo image;
  auto ok = JsonReader(object, "image")
                .required("id", image.id)
                .text("name", image.name)
                .text("status", image.status)
                .number("min_ram", image.min_ram_mib)
                .number("min_disk", image.min_disk_gib)
                .text("hw_machine_type", image.machine_type)
                .text("hw_qemu_guest_agent", image.guest_agent)
                .done();
  if (!ok) return fail(ok.error());
  return image;
}

// An id goes into a path.
Result<ApiRequest> image_request(std::string method, const std::string& id) {
  if (!looks_like_id(id))
    return fail(ErrorKind::invalid, fmt::format("'{}' is not an image id", id));
  ApiRequest request;
  request.service = Service::image;
  request.method = std::move(method);
  request.path = "/images/" + id;
  return request;
}

}  // namespace

Task<Result<ImageInfo>> Image::get_image(std::string id) {
  auto request = image_request("GET", id);
  if (!request) co_return fail(request.error());
  auto response = co_await session_.call(*std::move(request));
  if (!response) co_return fail(response.error());
  auto body = json_body(*response, "image");
  if (!body) co_return fail(body.error());
  co_return read_image(*body);
}

Task<Result<std::vector<ImageInfo>>> Image::list_images(std::string project_id) {
  const std::string path = "/images?owner=" + percent_encoded(project_id);
  auto objects = co_await list_all(session_, Service::image, path, "images", 100);
  if (!objects) co_return fail(objects.error());
  std::vector<ImageInfo> images;
  for (const Json& object : *objects) {
    auto image = read_image(object);
    if (!image) co_return fail(image.error());
    images.push_back(*std::move(image));
  }
  co_return images;
}

Task<Result<void>> Image::delete_image(std::string id) {
  auto request = image_request("DELETE", id);
  if (!request) co_return fail(request.error());
  auto response = co_await session_.call(*std::move(request));
  if (!response && response.error().kind != ErrorKind::not_found) co_return fail(response.error());
  co_return Result<void>{};
}

Task<Result<ImageInfo>> Image::find_image(std::string name_or_id) {
  const std::string key = "image/" + name_or_id;
  if (const auto known = session_.ids().get(key, now()))
    if (auto image = read_image(Json::parse(*known, nullptr, false))) co_return image;

  std::vector<ImageInfo> matches;
  if (looks_like_id(name_or_id)) {
    auto image = co_await get_image(name_or_id);
    if (!image && image.error().kind != ErrorKind::not_found) co_return image;
    if (image) matches.push_back(*std::move(image));
  }
  if (matches.empty()) {
    auto objects = co_await list_all(session_, Service::image,
                                     "/images?name=" + percent_encoded(name_or_id), "images", 100);
    if (!objects) co_return fail(objects.error());
    std::vector<ImageInfo> others;
    for (const Json& object : *objects) {
      auto image = read_image(object);
      if (!image) co_return image;
      // A new upload under an old name counts once it is complete.
      (image->status == "active" ? matches : others).push_back(*std::move(image));
    }
    if (matches.empty()) matches = std::move(others);
  }
  auto image = pick_one(std::move(matches), "image", name_or_id);
  if (!image) co_return image;
  if (image->status == "active") {
    const Json learned = {{"id", image->id},
                          {"name", image->name},
                          {"status", image->status},
                          {"min_ram", image->min_ram_mib},
                          {"min_disk", image->min_disk_gib},
                          {"hw_machine_type", image->machine_type},
                          {"hw_qemu_guest_agent", image->guest_agent}};
    session_.ids().put(key, learned.dump(-1, ' ', false, Json::error_handler_t::replace), now());
  }
  co_return image;
}

}  // namespace tidepool::openstack
