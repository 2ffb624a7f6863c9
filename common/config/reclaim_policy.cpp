#include "config/reclaim_policy.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

namespace tidepool {
namespace {

std::int64_t part(const Share& share, std::int64_t limit) {
  if (share.per_cent == 0) return share.absolute;
  if (limit >= kPlenty || limit <= 0) return 0;
  return limit / 100 * share.per_cent + (limit % 100 * share.per_cent + 99) / 100;
}

bool named(const std::vector<std::string>& list, std::string_view word) {
  return list.empty() || std::find(list.begin(), list.end(), word) != list.end();
}

constexpr std::array kBooks{Book::hypervisor, Book::placement, Book::quota};
constexpr std::array<std::string_view, 7> kDays{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
constexpr unsigned kAllDays = 127;

// What `text` begins with up to `mark`, which is taken off too; all of it where there is none.
std::string_view head(std::string_view& text, char mark) {
  const auto at = text.find(mark);
  const auto first = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return first;
}

int day(std::string_view word) {  // -1: none
  for (std::size_t d = 0; d < kDays.size(); ++d)
    if (kDays[d] == word) return static_cast<int>(d);
  return -1;
}

// "Mon-Fri", "Sat,Sun", "Fri-Mon"; 0: no such days.
unsigned days_of(std::string_view text) {
  unsigned days = 0;
  while (!text.empty()) {
    std::string_view range = head(text, ',');
    const int from = day(head(range, '-'));
    const int to = range.empty() ? from : day(range);
    if (from < 0 || to < 0) return 0;
    for (int d = from;; d = (d + 1) % 7) {
      days |= 1U << d;
      if (d == to) break;
    }
  }
  return days;
}

// Minutes of "08:30"; -1: no such time.
int minutes_of(std::string_view text) {
  const auto digits = [&](std::size_t at) {
    const char a = text[at], b = text[at + 1];
    return a < '0' || a > '9' || b < '0' || b > '9' ? -1 : (a - '0') * 10 + (b - '0');
  };
  if (text.size() != 5 || text[2] != ':') return -1;
  const int hour = digits(0), minute = digits(3);
  if (hour < 0 || minute < 0 || minute > 59 || hour * 60 + minute > 1440) return -1;
  return hour * 60 + minute;
}

}  // namespace

std::string to_string(const Amount& amount) {
  std::string all;
  const auto add = [&](std::int64_t number, std::string_view one, std::string_view more) {
    if (number == 0) return;
    if (!all.empty()) all += ", ";
    if (number >= kPlenty)
      all += fmt::format("unlimited {}", more);
    else
      all += fmt::format("{} {}", number, number == 1 ? one : more);
  };
  add(amount.instances, "instance", "instances");
  add(amount.cores, "core", "cores");
  if (amount.ram_mib >= kPlenty)
    add(kPlenty, "memory", "memory");
  else if (amount.ram_mib % 1024 == 0)
    add(amount.ram_mib / 1024, "GiB", "GiB");
  else
    add(amount.ram_mib, "MiB", "MiB");
  return all.empty() ? "nothing" : all;
}

Amount kept_free(const Headroom& headroom, const Amount& limits) {
  return {part(headroom.instances, limits.instances), part(headroom.cores, limits.cores),
          part(headroom.ram_mib, limits.ram_mib)};
}

std::string_view to_string(Book book) {
  switch (book) {
    case Book::hypervisor:
      return "hypervisor";
    case Book::placement:
      return "placement";
    case Book::quota:
      return "quota";
  }
  return "quota";
}

std::optional<Book> book_of(std::string_view word) {
  for (const auto book : kBooks)
    if (to_string(book) == word) return book;
  return std::nullopt;
}

bool is_quiet(const std::vector<QuietHours>& hours, Time at) {
  if (hours.empty()) return false;
  const std::time_t seconds = std::chrono::system_clock::to_time_t(at);
  std::tm tm{};
  ::localtime_r(&seconds, &tm);
  const int minute = tm.tm_hour * 60 + tm.tm_min;
  const int today = (tm.tm_wday + 6) % 7;  // Monday is 0
  const int yesterday = (today + 6) % 7;
  const auto on = [](unsigned days, int day) { return ((days >> day) & 1U) != 0; };
  return std::any_of(hours.begin(), hours.end(), [&](const QuietHours& h) {
    if (h.from_minute < h.to_minute)
      return on(h.days, today) && minute >= h.from_minute && minute < h.to_minute;
    return (on(h.days, today) && minute >= h.from_minute) ||
           (on(h.days, yesterday) && minute < h.to_minute);
  });
}

Result<QuietHours> parse_quiet_hours(std::string_view text) {
  QuietHours hours;
  std::string_view rest = text;
  if (const auto blank = text.find(' '); blank != std::string_view::npos) {
    hours.days = days_of(text.substr(0, blank));
    rest = text.substr(blank + 1);
  }
  hours.from_minute = minutes_of(head(rest, '-'));
  hours.to_minute = minutes_of(rest);
  if (hours.days == 0 || hours.from_minute < 0 || hours.to_minute < 0 || hours.from_minute == 1440)
    return fail(ErrorKind::invalid,
                fmt::format("'{}' is not a time of the week; write 22:00-06:00, Mon-Fri "
                            "08:00-18:00 or Sat,Sun 00:00-24:00",
                            text));
  if (hours.from_minute == hours.to_minute)
    return fail(ErrorKind::invalid,
                fmt::format("'{}' begins when it ends; the whole day is 00:00-24:00", text));
  return hours;
}

std::string to_string(const QuietHours& hours) {
  std::string days;
  for (int d = 0; d < 7 && hours.days != kAllDays; ++d) {
    if (((hours.days >> d) & 1U) != 0)
      days += fmt::format("{}{}", days.empty() ? "" : ",", kDays[static_cast<std::size_t>(d)]);
  }
  return fmt::format("{}{}{:02}:{:02}-{:02}:{:02}", days, days.empty() ? "" : " ",
                     hours.from_minute / 60, hours.from_minute % 60, hours.to_minute / 60,
                     hours.to_minute % 60);
}

std::optional<std::int64_t> mebibytes_of(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::int64_t unit = 0;
  switch (text.back()) {
    case 'M':
      unit = 1;
      break;
    case 'G':
      unit = 1024;
      break;
    case 'T':
      unit = 1024 * 1024;
      break;
    default:
      return std::nullopt;
  }
  text.remove_suffix(1);
  std::int64_t number = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (ec != std::errc() || end != text.data() + text.size() || number < 1 ||
      number >= kPlenty / unit)
    return std::nullopt;
  return number * unit;
}

std::string to_string(const Share& share, bool ram) {
  if (share.per_cent != 0) return fmt::format("{}%", share.per_cent);
  if (!ram) return std::to_string(share.absolute);
  if (share.absolute % 1024 == 0) return fmt::format("{}G", share.absolute / 1024);
  return fmt::format("{}M", share.absolute);
}

const OpportunisticClass* class_of(const ReclaimSection& reclaim, std::string_view partition,
                                   std::string_view qos, std::string_view account) {
  for (const auto& c : reclaim.classes)
    if (named(c.partitions, partition) && named(c.qos, qos) && named(c.accounts, account))
      return &c;
  return nullptr;
}

}  // namespace tidepool
