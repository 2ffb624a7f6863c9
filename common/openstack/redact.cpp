#include "openstack/redact.hpp"

#include <cctype>

namespace tidepool::openstack {
namespace {

bool token_character(unsigned char c) {
  return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '=' || c == '.';
}

bool looks_like_token(std::string_view word) {
  return word.size() >= 32 && (word.substr(0, 5) == "gAAAA" || word.substr(0, 3) == "eyJ");
}

}  // namespace

std::string safe_text(std::string_view text, std::size_t limit) {
  std::string out;
  std::size_t at = 0;
  while (at < text.size() && out.size() <= limit) {
    std::size_t end = at;
    while (end < text.size() && token_character(static_cast<unsigned char>(text[end]))) ++end;
    if (const std::string_view word = text.substr(at, end - at); !word.empty()) {
      out += looks_like_token(word) ? std::string_view("[token]") : word;
      at = end;
      continue;
    }
    const auto c = static_cast<unsigned char>(text[at++]);
    const bool space = c < 0x20 || c == 0x7f || c == ' ';
    if (!space)
      out += static_cast<char>(c);
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  if (out.size() > limit) {
    std::size_t cut = limit;
    while (cut > 0 && (static_cast<unsigned char>(out[cut]) & 0xC0) == 0x80) --cut;
    out.resize(cut);
  }
  while (!out.empty() && (out.back() == ' ' || out.back() == '.')) out.pop_back();
  return out;
}

}  // namespace tidepool::openstack
