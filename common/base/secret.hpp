// Secret: a string that does not print itself. Passwords and tokens live in it.
#pragma once

#include <string>
#include <utility>

namespace tidepool {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  // The plain text; call it only where the value goes into a request.
  const std::string& reveal() const { return value_; }
  bool empty() const { return value_.empty(); }
  bool operator==(const Secret&) const = default;

 private:
  std::string value_;
};

// fmt finds this and prints a placeholder.
inline const char* format_as(const Secret&) {
  return "[secret]";
}

}  // namespace tidepool
