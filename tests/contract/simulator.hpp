// Simulator: a tidepool-sim of the test's own, ended with it.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

class Simulator {
 public:
  Simulator();
  ~Simulator();
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;

  std::filesystem::path clouds_yaml() const { return folder_ / "state" / "clouds.yaml"; }
  std::filesystem::path cache_folder() const { return folder_ / "cache"; }

  // A request to the simulator's controls (/_sim/…); the answer's JSON, null when it has none.
  nlohmann::json control(const std::string& method, const std::string& path,
                         const nlohmann::json& body = nullptr) const;
  // Requests of a route so far: "POST /v3/auth/tokens".
  int count(const std::string& route) const;

 private:
  std::filesystem::path folder_;
  std::string control_url_;
  pid_t pid_ = -1;
};
