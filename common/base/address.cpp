#include "base/address.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>

#include "base/hostlist.hpp"

namespace tidepool {
namespace {

std::uint32_t mask(int prefix) {
  return prefix == 0 ? 0 : ~std::uint32_t{0} << (32 - prefix);
}

}  // namespace

Result<Ipv4> Ipv4::parse(std::string_view text) {
  const auto bad = [&] {
    return fail(ErrorKind::invalid, fmt::format("'{}' is not an IPv4 address", text.substr(0, 64)));
  };
  std::uint32_t value = 0;
  std::string_view rest = text;
  for (int part = 0; part < 4; ++part) {
    std::size_t digits = 0;
    while (digits < rest.size() && rest[digits] >= '0' && rest[digits] <= '9') ++digits;
    if (digits == 0 || digits > 3 || (digits > 1 && rest[0] == '0')) return bad();
    unsigned octet = 0;
    std::from_chars(rest.data(), rest.data() + digits, octet);
    if (octet > 255) return bad();
    value = value << 8 | octet;
    rest.remove_prefix(digits);
    if (part == 3) break;
    if (rest.empty() || rest[0] != '.') return bad();
    rest.remove_prefix(1);
  }
  if (!rest.empty()) return bad();
  return Ipv4(value);
}

std::string Ipv4::str() const {
  return fmt::format("{}.{}.{}.{}", value_ >> 24, value_ >> 16 & 255, value_ >> 8 & 255,
                     value_ & 255);
}

Result<Cidr> Cidr::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto bad = [&] {
    return fail(ErrorKind::invalid,
                fmt::format("'{}' is not a network such as 10.0.1.0/24", text.substr(0, 64)));
  };
  if (slash == std::string_view::npos) return bad();
  auto address = Ipv4::parse(text.substr(0, slash));
  if (!address) return tl::unexpected(address.error());
  const std::string_view bits = text.substr(slash + 1);
  int prefix = -1;
  const auto [end, ec] = std::from_chars(bits.data(), bits.data() + bits.size(), prefix);
  if (ec != std::errc() || end != bits.data() + bits.size() || prefix < 0 || prefix > 32 ||
      bits.size() > 2)
    return bad();
  Cidr cidr;
  cidr.prefix_ = prefix;
  cidr.network_ = Ipv4(address->value() & mask(prefix));
  if (cidr.network_ != *address)
    return fail(ErrorKind::invalid,
                fmt::format("'{}' has bits set behind its prefix; write {}", text, cidr.str()));
  return cidr;
}

bool Cidr::contains(Ipv4 address) const {
  return (address.value() & mask(prefix_)) == network_.value();
}

Ipv4 Cidr::broadcast() const {
  return Ipv4(network_.value() | ~mask(prefix_));
}

std::string Cidr::str() const {
  return fmt::format("{}/{}", network_.str(), prefix_);
}

std::vector<Ipv4> Cidr::usable(std::size_t count) const {
  // RFC 3021: both addresses of a /31 are hosts.
  std::uint64_t first = network_.value(), last = broadcast().value();
  if (prefix_ < 31) {
    ++first;
    --last;
  }
  std::vector<Ipv4> all;
  for (std::uint64_t a = first; a <= last && all.size() < count; ++a)
    all.emplace_back(static_cast<std::uint32_t>(a));
  return all;
}

Result<std::vector<Ipv4>> expand_addresses(std::string_view text, std::size_t limit) {
  auto names = expand_hostlist(text, limit);
  if (!names) return tl::unexpected(names.error());
  std::vector<Ipv4> all;
  for (const auto& name : *names) {
    auto address = Ipv4::parse(name);
    if (!address) return tl::unexpected(address.error());
    all.push_back(*address);
  }
  return all;
}

}  // namespace tidepool
