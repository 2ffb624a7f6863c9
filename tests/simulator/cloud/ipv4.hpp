#pragma once
#include <cstdint>
#include <optional>
#include <string>

// IPv4 addresses and blocks, enough for neutron's subnets.
namespace tidepool::sim {

std::optional<std::uint32_t> parse_ipv4(const std::string& text);  // strict dotted quad
std::string print_ipv4(std::uint32_t address);

struct Block {
  std::uint32_t base = 0;
  int prefix = 32;
  std::uint32_t size() const { return prefix == 0 ? 0xffffffffU : 1U << (32 - prefix); }
  std::uint32_t last() const { return base + (size() - 1); }
  // A subnet's own address and its broadcast address belong to no host.
  bool usable(std::uint32_t a) const { return a > base && a < last(); }
  std::string text() const;
};

std::optional<Block> parse_block(const std::string& text);  // "10.20.0.0/20", no host bits, <= /30

}  // namespace tidepool::sim
