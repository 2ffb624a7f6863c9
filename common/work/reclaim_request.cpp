#include "work/reclaim_request.hpp"

#include <fmt/format.h>
#include <charconv>

namespace tidepool {
namespace {

constexpr std::int64_t kMostAsked = 100'000'000;

tl::unexpected<Error> wrong(std::string_view key, std::string_view value, const char* what) {
  return fail(ErrorKind::invalid, fmt::format("{}: '{}' is no {}", key, value.substr(0, 60), what));
}

Result<std::int64_t> read_count(std::string_view key, std::string_view value) {
  std::int64_t n = 0;
  const auto [end, ec] = std::from_chars(value.data(), value.data() + value.size(), n);
  if (ec != std::errc() || end != value.data() + value.size() || n < 0 || n > kMostAsked)
    return wrong(key, value, "number (0 to 100000000)");
  return n;
}

Result<Millis> read_time(std::string_view key, std::string_view value) {
  auto time = parse_duration(value);
  if (!time) return wrong(key, value, "duration such as 120s, 10m or 2h");
  return *time;
}

}  // namespace

ReclaimRecord new_request(const ReclaimSection& rules, std::string by, Time at) {
  ReclaimRecord r;
  r.by = std::move(by);
  r.since = at;
  r.deadline = at + kReclaimDeadline;
  r.keep = rules.keep;
  return r;
}

Result<void> set_word(ReclaimRecord& r, std::string_view key, std::string_view value) {
  if (key == "cores" || key == "nodes") {
    auto n = read_count(key, value);
    if (!n) return tl::unexpected(n.error());
    (key == "cores" ? r.need.cores : r.need.instances) = *n;
  } else if (key == "ram") {
    const auto mib = mebibytes_of(value);
    if (!mib || *mib > (std::int64_t{1} << 40)) return wrong(key, value, "size such as 64G");
    r.need.ram_mib = *mib;
  } else if (key == "from") {
    if (value.empty() || value.size() > 200 ||
        value.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_.-") != std::string_view::npos)
      return wrong(key, value, "partition");
    r.partition = value;
  } else if (key == "book") {
    const auto book = book_of(value);
    if (!book) return wrong(key, value, "book: quota, placement or hypervisor");
    r.book = *book;
  } else if (key == "keep") {
    auto time = read_time(key, value);
    if (!time) return tl::unexpected(time.error());
    r.keep = *time;
  } else if (key == "deadline") {
    auto time = read_time(key, value);
    if (!time) return tl::unexpected(time.error());
    if (*time < Millis(1000)) return wrong(key, value, "duration of at least a second");
    r.deadline = r.since + *time;
  } else {
    return fail(ErrorKind::invalid,
                fmt::format("'{}' is no key; known are cores, ram, nodes, from, book, keep, "
                            "deadline",
                            key.substr(0, 60)));
  }
  return {};
}

Result<void> check_request(const ReclaimRecord& r) {
  if (r.need.none()) return fail(ErrorKind::invalid, "nothing is asked for: cores, ram or nodes");
  return {};
}

}  // namespace tidepool
