#include "cloud/ids.hpp"

#include <cctype>
#include <cstdint>
#include <random>

namespace tidepool::sim {
namespace {

std::mt19937_64& generator() {
  thread_local std::mt19937_64 engine{[] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }()};
  return engine;
}

std::string pick(std::size_t size, const std::string& alphabet) {
  std::uniform_int_distribution<std::size_t> index(0, alphabet.size() - 1);
  std::string out;
  out.reserve(size);
  while (out.size() < size) out += alphabet[index(generator())];
  return out;
}

const char* const kHex = "0123456789abcdef";

}  // namespace

std::string hex_id() {
  return pick(32, kHex);
}

std::string uuid() {
  std::string id = hex_id();
  id[12] = '4';  // version and variant bits of RFC 4122
  id[16] = pick(1, "89ab")[0];
  for (std::size_t at : {8U, 13U, 18U, 23U}) id.insert(at, "-");
  return id;
}

std::string random_text(std::size_t size) {
  return pick(size, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
}

std::string token_text() {
  return "gAAAAAB" + pick(156, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
}

std::string mac_address() {
  std::string mac = "fa:16:3e";
  for (int i = 0; i < 3; ++i) mac += ":" + pick(2, kHex);
  return mac;
}

std::string host_id(const std::string& host, const std::string& project) {
  if (host.empty()) return "";
  std::string out;
  std::uint64_t state = 1469598103934665603ULL;  // FNV-1a, run on to fill 56 digits
  for (int round = 0; round < 4; ++round) {
    for (unsigned char c : host + project) state = (state ^ c) * 1099511628211ULL;
    for (int shift = 60; shift >= 4; shift -= 4) {
      if (out.size() < 56) out += kHex[(state >> shift) & 15];
    }
  }
  return out;
}

bool looks_like_uuid(const std::string& text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !std::isxdigit(static_cast<unsigned char>(text[i]))) return false;
  }
  return true;
}

}  // namespace tidepool::sim
