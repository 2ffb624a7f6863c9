// What real services answered (Zed: Nova 26.2, Keystone 22.0, Neutron 21.0, Placement 8.0).
#pragma once

#include <gtest/gtest.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

inline nlohmann::json answers(const std::string& name) {
  std::ifstream file(std::string(TIDEPOOL_ANSWERS "/") + name);
  auto parsed = nlohmann::json::parse(file, nullptr, false);
  EXPECT_FALSE(parsed.is_discarded()) << name;
  return parsed;
}
