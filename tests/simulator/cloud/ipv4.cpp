#include "cloud/ipv4.hpp"

#include <arpa/inet.h>

#include <cstdlib>

namespace tidepool::sim {

std::optional<std::uint32_t> parse_ipv4(const std::string& text) {
  in_addr address{};
  if (inet_pton(AF_INET, text.c_str(), &address) != 1) return std::nullopt;
  return ntohl(address.s_addr);
}

std::string print_ipv4(std::uint32_t address) {
  in_addr raw{htonl(address)};
  char text[INET_ADDRSTRLEN];
  inet_ntop(AF_INET, &raw, text, sizeof text);
  return text;
}

std::string Block::text() const {
  return print_ipv4(base) + "/" + std::to_string(prefix);
}

std::optional<Block> parse_block(const std::string& text) {
  const auto slash = text.find('/');
  if (slash == std::string::npos) return std::nullopt;
  const auto base = parse_ipv4(text.substr(0, slash));
  char* end = nullptr;
  const std::string length = text.substr(slash + 1);
  const long prefix = std::strtol(length.c_str(), &end, 10);
  if (!base || length.empty() || *end != '\0' || prefix < 8 || prefix > 30) return std::nullopt;
  Block block{*base, static_cast<int>(prefix)};
  if ((block.base & (block.size() - 1)) != 0) return std::nullopt;
  return block;
}

}  // namespace tidepool::sim
