// JsonReader: reads fields of a JSON object. A missing or null field leaves the default; one of
// the wrong type is an error that names it. For answers of services: hostile until read.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "openstack/http.hpp"

namespace tidepool::openstack {

class JsonReader {
 public:
  // `where` names the object in messages: "server 4d77…". The object must outlive the reader.
  JsonReader(const nlohmann::json& object, std::string where);

  JsonReader& text(const char* key, std::string& out);
  JsonReader& number(const char* key, int& out);
  JsonReader& number(const char* key, std::int64_t& out);
  JsonReader& boolean(const char* key, bool& out);
  // A field that must be there and not be empty.
  JsonReader& required(const char* key, std::string& out);
  // nullptr when missing or of another type; the latter is an error.
  const nlohmann::json* object(const char* key);
  const nlohmann::json* array(const char* key);

  // ErrorKind::server_error naming the first field that was wrong.
  Result<void> done() const;

 private:
  const nlohmann::json* find(const char* key) const;
  void wrong(const char* key, std::string_view expected);

  const nlohmann::json& object_;
  std::string where_, fault_;
};

// The body as a JSON object; server_error when it is not.
Result<nlohmann::json> json_body(const HttpResponse& response, std::string_view what);

// body[key] as an array of objects (or one object); server_error when it is missing or not that.
Result<const nlohmann::json*> list_in(const nlohmann::json& body, const char* key);
Result<const nlohmann::json*> object_in(const nlohmann::json& body, const char* key);

}  // namespace tidepool::openstack
