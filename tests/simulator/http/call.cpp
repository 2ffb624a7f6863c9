#include "http/call.hpp"

namespace tidepool::sim {

std::string Call::param(const std::string& name, const std::string& fallback) const {
  const auto found = params.find(name);
  return found == params.end() ? fallback : found->second;
}

std::string Call::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

std::vector<std::string> split_path(const std::string& path) {
  std::vector<std::string> parts;
  std::size_t at = 0;
  while (at < path.size()) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    if (end > at) parts.push_back(path.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

void Router::add(Service service, const std::string& method, const std::string& text,
                 Handler handler, bool open) {
  routes_.push_back({service, method, text, split_path(text), open, std::move(handler)});
}

const Route* Router::find(const std::string& method, const std::string& path,
                          std::vector<std::string>& args) const {
  const auto parts = split_path(path);
  const Route* best = nullptr;
  for (const Route& route : routes_) {
    if (route.parts.size() != parts.size() ||
        (route.method != method && !(method == "HEAD" && route.method == "GET")))
      continue;
    std::vector<std::string> captured;
    bool fits = true;
    for (std::size_t i = 0; fits && i < parts.size(); ++i) {
      if (route.parts[i][0] == '{')
        captured.push_back(parts[i]);
      else
        fits = route.parts[i] == parts[i];
    }
    if (!fits || (best && captured.size() >= args.size())) continue;
    best = &route;
    args = captured;
  }
  return best;
}

}  // namespace tidepool::sim
