#pragma once
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cloud/cloud.hpp"
#include "http/reply.hpp"

namespace tidepool::sim {

enum class Service { kIdentity, kCompute, kNetwork, kImage, kPlacement, kControl };

// One request, as a handler sees it. The model is locked while a handler runs.
struct Call {
  Cloud& cloud;
  std::string method, path, query, body_text;
  std::multimap<std::string, std::string> params;
  std::map<std::string, std::string> headers;  // names in lower case
  std::vector<std::string> args;               // what stood for {..} in the route
  json body;                                   // null when there was none
  Token token;                                 // empty for open routes
  std::string request_id;
  int minor = 1;  // compute's microversion 2.<minor>, placement's 1.<minor>

  std::string param(const std::string& name, const std::string& fallback = "") const;
  bool has(const std::string& name) const { return params.count(name) != 0; }
  std::string header(const std::string& name) const;
};

using Handler = std::function<Reply(Call&)>;

struct Route {
  Service service = Service::kCompute;
  std::string method, text;  // text: "/compute/v2.1/servers/{id}"
  std::vector<std::string> parts;
  bool open = false;  // needs no token
  Handler handler;
};

class Router {
 public:
  void add(Service service, const std::string& method, const std::string& text, Handler handler,
           bool open = false);
  // Fixed parts win over {..}. `args` gets what stood for each {..}.
  const Route* find(const std::string& method, const std::string& path,
                    std::vector<std::string>& args) const;

 private:
  std::vector<Route> routes_;
};

std::vector<std::string> split_path(const std::string& path);  // ignores empty parts

}  // namespace tidepool::sim
