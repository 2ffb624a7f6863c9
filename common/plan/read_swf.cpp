// SWF: https://www.cs.huji.ac.il/labs/parallel/workload/swf.html
#include <fmt/format.h>
#include <array>
#include <charconv>
#include <cmath>
#include <map>

#include "plan/trace.hpp"

namespace tidepool::plan {
namespace {

constexpr std::size_t kFields = 18;
constexpr double kLatest = 1e10;  // above it there is no date
constexpr double kMostCores = 1e8;

// Fields by the standard's numbers, from 1.
enum Field : std::size_t {
  kJob = 1,
  kSubmit = 2,
  kRun = 4,
  kUsedCores = 5,
  kAskedCores = 8,
  kGroup = 13,
  kQueue = 15
};

class SwfReader {
 public:
  explicit SwfReader(TraceMaker& into) : into_(into) {}

  void line(std::string_view text, std::size_t number) {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return;
    text.remove_prefix(begin);
    if (text[0] == ';')
      comment(text.substr(1), number);
    else
      job(text, number);
  }

 private:
  static std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
  }

  // "UnixStartTime: 12345", "Queue: 1 compute"; the others are for people.
  void comment(std::string_view text, std::size_t number) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) return;
    const auto key = trimmed(text.substr(0, colon));
    const auto value = trimmed(text.substr(colon + 1));
    std::int64_t n = 0;
    const auto [end, ec] = std::from_chars(value.data(), value.data() + value.size(), n);
    if (key == "UnixStartTime") {
      if (ec != std::errc() || n < 0 || n > static_cast<std::int64_t>(kLatest))
        return into_.fault(number, "UnixStartTime", fmt::format("'{}' is not a time", value),
                           "write seconds since 1970");
      start_ = n;
    } else if (key == "Queue" && ec == std::errc()) {
      const auto name = trimmed(value.substr(static_cast<std::size_t>(end - value.data())));
      if (!name.empty()) queues_[n] = std::string(name.substr(0, name.find_first_of(" \t")));
    }
  }

  void job(std::string_view text, std::size_t number) {
    std::array<double, kFields + 1> field{};
    std::size_t count = 0;
    while (!(text = trimmed(text)).empty()) {
      const auto word = text.substr(0, text.find_first_of(" \t"));
      text.remove_prefix(word.size());
      double value = 0;
      const auto [end, ec] = std::from_chars(word.data(), word.data() + word.size(), value);
      if (ec != std::errc() || end != word.data() + word.size() || !std::isfinite(value))
        return into_.fault(number, fmt::format("field {}", count + 1),
                           fmt::format("'{}' is not a number", word.substr(0, 40)), "");
      if (++count <= kFields) field[count] = value;
    }
    if (count != kFields)
      return into_.fault(number, "", fmt::format("has {} fields, not {}", count, kFields),
                         "SWF has 18 numbers in a line; -1 where nothing is known");
    const double cores = field[kUsedCores] > 0 ? field[kUsedCores] : field[kAskedCores];
    if (field[kSubmit] < 0 || field[kSubmit] > kLatest)
      return into_.fault(number, "field 2", "is not a time of submission", "");
    if (field[kRun] > kLatest || cores > kMostCores || std::abs(field[kJob]) > 1e15)
      return into_.fault(number, "", "has a number that is too large", "");
    if (field[kRun] <= 0 || cores < 1) return into_.never_ran();
    TraceJob job;
    job.id = static_cast<std::int64_t>(field[kJob]);
    job.submit = from_millis(start_ * 1000 + std::llround(field[kSubmit] * 1000));
    job.run = Millis(std::max<std::int64_t>(1, std::llround(field[kRun] * 1000)));
    job.cores = static_cast<int>(cores);
    job.partition = queue(field[kQueue]);
    job.account = group(field[kGroup]);
    into_.add(job);
  }

  std::uint32_t queue(double number) {
    if (number < 0 || number > 1e9) return 0;
    const auto n = static_cast<std::int64_t>(number);
    const auto it = queues_.find(n);
    return into_.index(it == queues_.end() ? std::to_string(n) : it->second);
  }
  std::uint32_t group(double number) {
    if (number < 0 || number > 1e9) return 0;
    return into_.index(std::to_string(static_cast<std::int64_t>(number)));
  }

  TraceMaker& into_;
  std::int64_t start_ = 0;
  std::map<std::int64_t, std::string> queues_;
};

}  // namespace

void read_swf(std::string_view text, TraceMaker& into) {
  SwfReader reader(into);
  for (std::size_t number = 1; !text.empty(); ++number) reader.line(next_line(text), number);
}

}  // namespace tidepool::plan
