#include "config/job_wish.hpp"

#include <algorithm>

#include "base/clock.hpp"

namespace tidepool {
namespace {

constexpr std::string_view kWishBegin = "tidepool:";
constexpr std::string_view kBlanks = " \t\r\n\v\f";

bool is_wish(std::string_view word) {
  return word.size() > kWishBegin.size() && word.starts_with(kWishBegin);
}

// The next word of `text` from `at` on; empty at the end. `at` is moved behind it.
std::string_view next_word(std::string_view text, std::size_t& at) {
  const auto begin = text.find_first_not_of(kBlanks, at);
  if (begin == std::string_view::npos) return at = text.size(), std::string_view{};
  at = std::min(text.find_first_of(kBlanks, begin), text.size());
  return text.substr(begin, at - begin);
}

void read_field(std::string_view field, ReadWish& into) {
  const auto equals = field.find('=');
  const auto key = field.substr(0, equals);
  const auto value =
      equals == std::string_view::npos ? std::string_view{} : field.substr(equals + 1);
  const auto fault = [&](const std::string& what) {
    into.faults.push_back("'" + std::string(field.substr(0, 80)) + "': " + what);
  };
  if (field == "no-hold") {
    into.wish.no_hold = true;
  } else if (key == "hold-mode" && equals != std::string_view::npos) {
    if (auto modes = parse_hold_modes(value.substr(0, 200)))
      into.wish.modes = std::move(*modes);
    else
      fault(modes.error().message);
  } else if (key == "max-held" && equals != std::string_view::npos) {
    if (auto longest = parse_max_held(value.substr(0, 40)))
      into.wish.max_held = *longest;
    else
      fault(longest.error().message);
  } else {
    fault("is not a field of a wish");
  }
}

}  // namespace

Result<Seconds> parse_max_held(std::string_view text) {
  const auto bad = [&](const std::string& what) {
    return fail(ErrorKind::invalid, "'" + std::string(text) + "' " + what);
  };
  const auto length = parse_duration(text);
  if (!length) return bad("is not a duration; write a number with its unit, as in 90m, 24h or 7d");
  if (length->count() == 0) return bad("is no time at all; to refuse holds say --no-hold");
  if (length->count() % 1000 != 0) return bad("is not a whole number of seconds");
  const auto seconds = std::chrono::duration_cast<Seconds>(*length);
  if (seconds > kLongestHeld) return bad("is too long; at most 3650d");
  return seconds;
}

std::string contradiction_in(const JobWish& wish) {
  if (wish.no_hold && !wish.modes.empty())
    return "--no-hold and --hold-mode contradict each other; give one of them";
  if (wish.no_hold && wish.max_held)
    return "--no-hold and --max-held contradict each other; give one of them";
  return {};
}

ReadWish read_job_wish(std::string_view comment) {
  std::string_view last;
  std::size_t at = 0;
  for (auto word = next_word(comment, at); !word.empty(); word = next_word(comment, at))
    if (is_wish(word)) last = word;
  ReadWish read;
  if (last.empty()) return read;
  last.remove_prefix(kWishBegin.size());
  while (true) {
    const auto end = last.find(';');
    read_field(last.substr(0, end), read);
    if (end == std::string_view::npos) break;
    last.remove_prefix(end + 1);
  }
  // A person wrote both: the one that leaves the job alone counts.
  if (auto wrong = contradiction_in(read.wish); !wrong.empty()) {
    read.faults.push_back(std::move(wrong));
    read.wish = {};
    read.wish.no_hold = true;
  }
  return read;
}

std::string with_job_wish(std::string_view comment, const JobWish& wish) {
  // Taken out with the blanks before it; the blanks inside other text are that text's own.
  std::string text;
  std::size_t kept = 0;
  std::size_t at = 0;
  for (auto word = next_word(comment, at); !word.empty(); word = next_word(comment, at)) {
    if (!is_wish(word)) {
      text += comment.substr(kept, at - kept);
    } else if (text.empty()) {
      at = std::min(comment.find_first_not_of(kBlanks, at), comment.size());
    }
    kept = at;
  }
  const std::string ours = format_job_wish(wish);
  if (ours.empty()) return text;
  if (!text.empty()) text += ' ';
  return text + ours;
}

std::string format_job_wish(const JobWish& wish) {
  std::string fields;
  const auto add = [&](const std::string& field) {
    if (!fields.empty()) fields += ';';
    fields += field;
  };
  if (!wish.modes.empty()) add("hold-mode=" + format_hold_modes(wish.modes));
  if (wish.max_held) add("max-held=" + std::to_string(wish.max_held->count()) + "s");
  if (wish.no_hold) add("no-hold");
  return fields.empty() ? fields : std::string(kWishBegin) + fields;
}

}  // namespace tidepool
