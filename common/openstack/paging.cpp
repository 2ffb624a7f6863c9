#include "openstack/paging.hpp"

#include <fmt/format.h>
#include <set>
#include <string_view>

#include "openstack/json_reader.hpp"

namespace tidepool::openstack {
namespace {

using Json = nlohmann::json;
constexpr int kRestarts = 3;

std::string query_of(const Json& link) {
  if (!link.is_string()) return {};
  const auto& href = link.get_ref<const std::string&>();
  const auto mark = href.find('?');
  return mark == std::string::npos ? std::string() : href.substr(mark + 1);
}

// One pass over the pages into `objects`.
Task<Result<void>> read_pages(Session& session, Service service, std::string path, std::string name,
                              int page, std::vector<Json>& objects) {
  std::string query = fmt::format("limit={}", page);
  std::string base = path;
  if (const auto mark = path.find('?'); mark != std::string::npos) {
    base = path.substr(0, mark);
    query = path.substr(mark + 1) + "&" + query;
  }
  std::set<std::string> seen;
  while (!query.empty()) {
    // A service that links a page to itself must not keep us for ever.
    if (!seen.insert(query).second)
      co_return fail(ErrorKind::server_error, name + ": the pages of the list go in a circle");
    ApiRequest request;
    request.service = service;
    request.path = base + "?" + query;
    auto response = co_await session.call(std::move(request));
    if (!response) co_return fail(response.error());
    auto body = json_body(*response, name);
    if (!body) co_return fail(body.error());
    auto list = list_in(*body, name.c_str());
    if (!list) co_return fail(list.error());
    for (const Json& object : **list) objects.push_back(object);
    query = (*list)->empty() ? std::string() : next_query(*body, name);
  }
  co_return Result<void>{};
}

}  // namespace

std::string next_query(const Json& body, const std::string& name) {
  if (const auto next = body.find("next"); next != body.end()) return query_of(*next);
  const auto links = body.find(name + "_links");
  if (links == body.end() || !links->is_array()) return {};
  for (const Json& link : *links)
    if (link.is_object() && link.value("rel", Json()) == "next")
      return query_of(link.value("href", Json()));
  return {};
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

Task<Result<std::vector<Json>>> list_all(Session& session, Service service, std::string path,
                                         std::string name, int page) {
  for (int restart = 0;; ++restart) {
    std::vector<Json> objects;
    auto ok = co_await read_pages(session, service, path, name, page, objects);
    if (ok) co_return objects;
    const bool marker_gone = ok.error().kind == ErrorKind::bad_request && !objects.empty();
    if (!marker_gone || restart == kRestarts) co_return fail(ok.error());
  }
}

}  // namespace tidepool::openstack
