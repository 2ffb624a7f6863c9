// IPv4 addresses, networks in CIDR form, and lists of addresses in the pool file's notation.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace tidepool {

class Ipv4 {
 public:
  Ipv4() = default;
  explicit Ipv4(std::uint32_t value) : value_(value) {}
  // Strict dotted quad, no leading zeros: "10.0.0.7".
  static Result<Ipv4> parse(std::string_view text);
  std::uint32_t value() const { return value_; }
  std::string str() const;
  auto operator<=>(const Ipv4&) const = default;

 private:
  std::uint32_t value_ = 0;
};

class Cidr {
 public:
  Cidr() = default;
  // "10.0.1.0/24"; bits set behind the prefix are an error that names the right spelling.
  static Result<Cidr> parse(std::string_view text);
  bool contains(Ipv4 address) const;
  Ipv4 network() const { return network_; }
  Ipv4 broadcast() const;
  int prefix() const { return prefix_; }
  std::string str() const;
  // Usable host addresses in order (without network and broadcast for prefixes below 31),
  // at most `count`.
  std::vector<Ipv4> usable(std::size_t count) const;
  bool operator==(const Cidr&) const = default;

 private:
  Ipv4 network_;
  int prefix_ = 32;
};

// "10.10.1.[1-200]", "10.0.0.7", "10.0.0.[1-3,9],10.0.1.4": expanded in order.
Result<std::vector<Ipv4>> expand_addresses(std::string_view text, std::size_t limit = 65'536);

}  // namespace tidepool
