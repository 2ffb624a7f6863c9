#include "openstack/json_reader.hpp"

#include <fmt/format.h>
#include <limits>

namespace tidepool::openstack {

using Json = nlohmann::json;

JsonReader::JsonReader(const Json& object, std::string where)
    : object_(object), where_(std::move(where)) {
  if (!object_.is_object())
    fault_ = fmt::format("{}: an object was expected, not {}", where_, object_.type_name());
}

const Json* JsonReader::find(const char* key) const {
  if (!object_.is_object()) return nullptr;
  const auto found = object_.find(key);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

void JsonReader::wrong(const char* key, std::string_view expected) {
  if (fault_.empty()) fault_ = fmt::format("{}: field {} is not {}", where_, key, expected);
}

JsonReader& JsonReader::text(const char* key, std::string& out) {
  if (const Json* field = find(key)) {
    if (field->is_string())
      out = field->get<std::string>();
    else
      wrong(key, "a string");
  }
  return *this;
}

JsonReader& JsonReader::number(const char* key, std::int64_t& out) {
  if (const Json* field = find(key)) {
    if (field->is_number_integer())
      out = field->get<std::int64_t>();
    else
      wrong(key, "a whole number");
  }
  return *this;
}

JsonReader& JsonReader::number(const char* key, int& out) {
  std::int64_t wide = out;
  number(key, wide);
  if (wide < std::numeric_limits<int>::min() || wide > std::numeric_limits<int>::max())
    wrong(key, "a number of a sane size");
  else
    out = static_cast<int>(wide);
  return *this;
}

JsonReader& JsonReader::boolean(const char* key, bool& out) {
  if (const Json* field = find(key)) {
    if (field->is_boolean())
      out = field->get<bool>();
    else
      wrong(key, "true or false");
  }
  return *this;
}

JsonReader& JsonReader::required(const char* key, std::string& out) {
  const std::string before = fault_;
  text(key, out);
  if (fault_ == before && out.empty()) wrong(key, "there");
  return *this;
}

const Json* JsonReader::object(const char* key) {
  const Json* field = find(key);
  if (field == nullptr || field->is_object()) return field;
  wrong(key, "an object");
  return nullptr;
}

const Json* JsonReader::array(const char* key) {
  const Json* field = find(key);
  if (field == nullptr || field->is_array()) return field;
  wrong(key, "an array");
  return nullptr;
}

Result<void> JsonReader::done() const {
  if (fault_.empty()) return {};
  return fail(ErrorKind::server_error, fault_);
}

namespace {
Result<const Json*> member(const Json& body, const char* key, bool list) {
  const auto found = body.find(key);
  if (found == body.end() || (list ? !found->is_array() : !found->is_object()))
    return fail(ErrorKind::server_error,
                fmt::format("the answer has no {} '{}'", list ? "list" : "object", key));
  return &*found;
}
}  // namespace

Result<Json> json_body(const HttpResponse& response, std::string_view what) {
  Json body = Json::parse(response.body, nullptr, false);
  if (body.is_object()) return body;
  Error error;
  error.kind = ErrorKind::server_error;
  error.message = fmt::format("{}: the answer is not a JSON object", what);
  error.request_id = response.request_id();
  error.http_status = response.status;
  return fail(std::move(error));
}

Result<const Json*> list_in(const Json& body, const char* key) {
  return member(body, key, true);
}
Result<const Json*> object_in(const Json& body, const char* key) {
  return member(body, key, false);
}

}  // namespace tidepool::openstack
