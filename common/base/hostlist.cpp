#include "base/hostlist.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>
#include <utility>

namespace tidepool {
namespace {

struct Range {
  std::uint64_t from = 0, to = 0;
  std::size_t width = 0;  // digits of the left end when zero-padded, else 0
  bool even = true;       // the right end is padded like the left one
};

// A host name has at most 253 characters; without a cap, a long suffix behind "[1-65536]" is a
// flood too.
constexpr std::size_t kLongestName = 253;

tl::unexpected<Error> bad(std::string_view text, std::size_t at, std::string_view why) {
  return fail(ErrorKind::invalid,
              fmt::format("hostlist '{}': {} at character {}", text.substr(0, 200), why, at + 1));
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// One end of a range; at most 18 digits, so that no arithmetic overflows.
Result<std::uint64_t> number(std::string_view text, std::size_t& at) {
  const std::size_t begin = at;
  while (at < text.size() && is_digit(text[at])) ++at;
  if (at == begin) return bad(text, at, "a number is missing");
  if (at - begin > 18) return bad(text, begin, "the number is too long");
  std::uint64_t value = 0;
  std::from_chars(text.data() + begin, text.data() + at, value);
  return value;
}

// The inside of a bracket, from behind '[' to behind ']'.
Result<std::vector<Range>> ranges(std::string_view text, std::size_t& at) {
  std::vector<Range> all;
  while (true) {
    const std::size_t begin = at;
    Range range;
    auto from = number(text, at);
    if (!from) return tl::unexpected(from.error());
    const std::size_t digits = at - begin;
    if (digits > 1 && text[begin] == '0') range.width = digits;
    range.from = range.to = *from;
    if (at < text.size() && text[at] == '-') {
      ++at;
      const std::size_t second = at;
      auto to = number(text, at);
      if (!to) return tl::unexpected(to.error());
      range.to = *to;
      if (range.to < range.from) return bad(text, second, "the range runs backwards");
      range.even = range.width == at - second ||
                   (range.width == 0 && (at - second == 1 || text[second] != '0'));
    }
    all.push_back(range);
    if (at >= text.size()) return bad(text, at, "']' is missing");
    if (text[at] == ']') {
      ++at;
      return all;
    }
    if (text[at] != ',') return bad(text, at, "',' or ']' is expected");
    ++at;
  }
}

bool name_char(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
         c == '.';
}

// Appends every value of the ranges to every name so far.
Result<void> multiply(std::vector<std::string>& names, const std::vector<Range>& with,
                      std::string_view text, std::size_t limit) {
  std::uint64_t count = 0;
  for (const auto& r : with) {
    // Checked range by range: no sum can overflow.
    if (r.to - r.from >= limit || (count += r.to - r.from + 1) > limit)
      return fail(ErrorKind::invalid,
                  fmt::format("hostlist '{}': more than {} names", text.substr(0, 200), limit));
  }
  if (names.size() * count > limit)
    return fail(ErrorKind::invalid,
                fmt::format("hostlist '{}': more than {} names", text.substr(0, 200), limit));
  std::vector<std::string> next;
  next.reserve(names.size() * count);
  for (const auto& name : names)
    for (const auto& r : with)
      for (std::uint64_t v = r.from; v <= r.to; ++v)
        next.push_back(fmt::format("{}{:0{}}", name, v, r.width == 0 ? 1 : r.width));
  names = std::move(next);
  return {};
}

// "osg-007" -> {"osg-", "007"}; the digits are empty when there are none at the end.
std::pair<std::string_view, std::string_view> split(std::string_view name) {
  std::size_t at = name.size();
  while (at > 0 && is_digit(name[at - 1]) && name.size() - at < 18) --at;
  return {name.substr(0, at), name.substr(at)};
}

std::uint64_t value_of(std::string_view digits) {
  std::uint64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

}  // namespace

Result<std::vector<std::string>> expand_hostlist(std::string_view text, std::size_t limit) {
  std::vector<std::string> all;
  std::size_t at = 0;
  while (at < text.size()) {
    std::vector<std::string> names{""};
    const std::size_t begin = at;
    while (at < text.size() && text[at] != ',') {
      if (text[at] == '[') {
        ++at;
        auto inside = ranges(text, at);
        if (!inside) return tl::unexpected(inside.error());
        if (auto done = multiply(names, *inside, text, limit); !done)
          return tl::unexpected(done.error());
      } else if (name_char(text[at])) {
        // Taken as a whole: appending one character at a time to many names is slow.
        const std::size_t word = at;
        while (at < text.size() && name_char(text[at])) ++at;
        if (at - word > kLongestName) return bad(text, word, "the name is too long");
        for (auto& name : names) name += text.substr(word, at - word);
      } else {
        return bad(text, at, "an unexpected character");
      }
    }
    if (at == begin) return bad(text, at, "a name is missing");
    for (const auto& name : names)
      if (name.size() > kLongestName) return bad(text, begin, "the name is too long");
    if (all.size() + names.size() > limit)
      return fail(ErrorKind::invalid,
                  fmt::format("hostlist '{}': more than {} names", text.substr(0, 200), limit));
    std::move(names.begin(), names.end(), std::back_inserter(all));
    if (at < text.size() && ++at == text.size()) return bad(text, at, "a name is missing");
  }
  return all;
}

std::size_t find_uneven_padding(std::string_view text) {
  for (std::size_t at = text.find('['); at != std::string_view::npos; at = text.find('[', at)) {
    const std::size_t begin = ++at;
    auto inside = ranges(text, at);
    if (!inside) return std::string_view::npos;
    for (const auto& range : *inside)
      if (!range.even) return begin;
  }
  return std::string_view::npos;
}

bool host_less(std::string_view left, std::string_view right) {
  const auto [lp, ld] = split(left);
  const auto [rp, rd] = split(right);
  if (lp != rp) return lp < rp;
  const auto lv = value_of(ld), rv = value_of(rd);
  if (lv != rv) return lv < rv;
  return ld.size() < rd.size();
}

void sort_hosts(std::vector<std::string>& names) {
  std::sort(names.begin(), names.end(),
            [](const auto& a, const auto& b) { return host_less(a, b); });
}

std::string format_hostlist(std::vector<std::string> names) {
  sort_hosts(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  // Names with one prefix and one width share a bracket; without padding the width is 0, so that
  // 9 and 10 do too.
  struct Group {
    std::vector<std::string_view> digits;
  };
  std::vector<std::pair<std::string, Group>> groups;  // in the order of their first name
  std::map<std::pair<std::string_view, std::size_t>, std::size_t> index;
  for (const auto& name : names) {
    const auto [prefix, digits] = split(name);
    std::size_t width = digits.size() > 1 && digits[0] == '0' ? digits.size() : 0;
    // "n" stands beside "n[8-9]", not in its bracket.
    if (digits.empty()) width = std::string_view::npos;
    auto key = std::make_pair(prefix, width);
    // 099 and 100 are of one padded family: look for a group of the same width.
    if (width == 0 && index.contains({prefix, digits.size()})) key.second = digits.size();
    const auto [it, fresh] = index.emplace(key, groups.size());
    if (fresh) groups.push_back({std::string(prefix), {}});
    groups[it->second].second.digits.push_back(digits);
  }
  std::string out;
  for (const auto& [prefix, group] : groups) {
    if (!out.empty()) out += ',';
    out += prefix;
    const auto& d = group.digits;
    if (d.size() == 1) {
      out += d[0];
      continue;
    }
    out += '[';
    for (std::size_t i = 0; i < d.size();) {
      std::size_t j = i;
      while (j + 1 < d.size() && value_of(d[j + 1]) == value_of(d[j]) + 1) ++j;
      if (i > 0) out += ',';
      out += d[i];
      if (j > i) out += fmt::format("-{}", d[j]);
      i = j + 1;
    }
    out += ']';
  }
  return out;
}

}  // namespace tidepool
