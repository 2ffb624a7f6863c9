// What `sacct -P` prints: a head line and fields between bars. sacct(1) tells the fields.
#include <fmt/format.h>
#include <charconv>
#include <ctime>
#include <optional>

#include "plan/trace.hpp"

namespace tidepool::plan {
namespace {

constexpr int kNone = -1;
constexpr std::int64_t kMostSeconds = 10'000'000'000;
constexpr const char* kAsk =
    "sacct -aXP -o JobID,Submit,ElapsedRaw,NCPUS,NNodes,Partition,QOS,Account";

template <typename T>
std::optional<T> whole(std::string_view text) {
  T number{};
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (ec != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// "1-02:03:04", "02:03:04", "03:04", in seconds.
std::optional<std::int64_t> elapsed(std::string_view text) {
  std::int64_t days = 0, sum = 0;
  if (const auto dash = text.find('-'); dash != std::string_view::npos) {
    const auto d = whole<std::int64_t>(text.substr(0, dash));
    if (!d || *d < 0 || *d > 100'000) return std::nullopt;
    days = *d;
    text.remove_prefix(dash + 1);
  }
  int parts = 0;
  for (bool more = true; more; ++parts) {
    const auto colon = text.find(':');
    auto word = text.substr(0, colon);
    more = colon != std::string_view::npos;
    if (more) text.remove_prefix(colon + 1);
    if (!more) word = word.substr(0, word.find('.'));  // fractions
    const auto n = whole<std::int64_t>(word);
    if (!n || *n < 0 || *n > 1'000'000) return std::nullopt;
    sum = sum * 60 + *n;
  }
  if (parts < 2 || parts > 3) return std::nullopt;
  return days * 86'400 + sum;
}

// sacct prints local time, without its zone; or seconds, with SLURM_TIME_FORMAT=%s.
std::optional<std::int64_t> moment(std::string_view text) {
  if (const auto seconds = whole<std::int64_t>(text))
    return *seconds >= 0 && *seconds <= kMostSeconds ? seconds : std::nullopt;
  std::tm tm{};
  const std::string copy(text);
  const char* rest = ::strptime(copy.c_str(), "%Y-%m-%dT%H:%M:%S", &tm);
  if (rest == nullptr || *rest != '\0') return std::nullopt;
  tm.tm_isdst = -1;
  const auto seconds = static_cast<std::int64_t>(::mktime(&tm));
  return seconds >= 0 && seconds <= kMostSeconds ? std::optional(seconds) : std::nullopt;
}

bool not_yet(std::string_view time) {
  return time.empty() || time == "Unknown" || time == "None";
}

class SacctReader {
 public:
  explicit SacctReader(TraceMaker& into) : into_(into) {}

  bool head(std::string_view line) {
    split(line);
    const auto column = [&](std::string_view name) {
      for (std::size_t i = 0; i < words_.size(); ++i)
        if (words_[i] == name) return static_cast<int>(i);
      return kNone;
    };
    const auto either = [&](std::string_view a, std::string_view b) {
      return column(a) != kNone ? column(a) : column(b);
    };
    job_ = column("JobID"), submit_ = column("Submit");
    seconds_ = column("ElapsedRaw"), elapsed_ = column("Elapsed");
    start_ = column("Start"), end_ = column("End");
    cores_ = either("NCPUS", "AllocCPUS"), nodes_ = either("NNodes", "AllocNodes");
    partition_ = column("Partition"), qos_ = column("QOS"), account_ = column("Account");
    columns_ = words_.size();
    const auto need = [&](bool there, const char* what) {
      if (!there) into_.fault(1, what, "is not among the fields", fmt::format("ask: {}", kAsk));
      return there;
    };
    return need(job_ != kNone, "JobID") & need(submit_ != kNone, "Submit") &
           need(cores_ != kNone, "NCPUS") & need(partition_ != kNone, "Partition") &
           need(seconds_ != kNone || elapsed_ != kNone || (start_ != kNone && end_ != kNone),
                "ElapsedRaw");
  }

  void line(std::string_view text, std::size_t number) {
    if (text.empty()) return;
    split(text);
    if (words_.size() != columns_)
      return into_.fault(
          number, "", fmt::format("has {} fields, the head has {}", words_.size(), columns_), "");
    const auto id_text = at(job_);
    if (id_text.find('.') != std::string_view::npos) return;  // a step
    TraceJob job;
    // "12_3", "12_[4-9]", "12+0": parts of arrays and heterogeneous jobs are jobs of their own.
    const auto id = whole<std::int64_t>(id_text.substr(0, id_text.find_first_of("_+")));
    if (!id) return bad(number, "JobID", id_text, "a job's number");
    job.id = *id;
    const auto submit = moment(at(submit_));
    if (!submit) return bad(number, "Submit", at(submit_), "a time");
    job.submit = from_millis(*submit * 1000);
    const auto run = run_time(number);
    if (!run) return;
    const auto cores = whole<int>(at(cores_));
    if (!cores || *cores < 0 || *cores > 100'000'000)
      return bad(number, "NCPUS", at(cores_), "a number of cores");
    if (*run <= 0 || *cores == 0) return into_.never_ran();
    job.run = Millis(*run * 1000);
    job.cores = *cores;
    if (nodes_ != kNone) job.nodes = whole<int>(at(nodes_)).value_or(0);
    if (job.nodes < 0 || job.nodes > job.cores) job.nodes = 0;
    // A job that was sent to several ran in one of them, which sacct then names alone.
    job.partition = into_.index(at(partition_).substr(0, at(partition_).find(',')));
    if (qos_ != kNone) job.qos = into_.index(at(qos_));
    if (account_ != kNone) job.account = into_.index(at(account_));
    into_.add(job);
  }

 private:
  void split(std::string_view line) {
    words_.clear();
    for (;;) {
      const auto bar = line.find('|');
      words_.push_back(line.substr(0, bar));
      if (bar == std::string_view::npos) return;
      line.remove_prefix(bar + 1);
      if (line.empty() && words_.size() == columns_) return;  // sacct -p ends lines with a bar
    }
  }
  std::string_view at(int column) const { return words_[static_cast<std::size_t>(column)]; }

  void bad(std::size_t number, const char* key, std::string_view text, const char* what) {
    into_.fault(number, key, fmt::format("'{}' is not {}", text.substr(0, 60), what), "");
  }

  // Seconds; 0: it never ran; nullopt: a fault that was told.
  std::optional<std::int64_t> run_time(std::size_t number) {
    if (seconds_ != kNone) {
      const auto n = whole<std::int64_t>(at(seconds_));
      if (n && *n >= 0 && *n <= kMostSeconds) return n;
      bad(number, "ElapsedRaw", at(seconds_), "a number of seconds");
      return std::nullopt;
    }
    if (elapsed_ != kNone) {
      const auto n = elapsed(at(elapsed_));
      if (!n) bad(number, "Elapsed", at(elapsed_), "a time like 1-02:03:04");
      return n;
    }
    if (not_yet(at(start_)) || not_yet(at(end_))) return 0;
    const auto start = moment(at(start_)), end = moment(at(end_));
    if (!start) bad(number, "Start", at(start_), "a time");
    if (start && !end) bad(number, "End", at(end_), "a time");
    if (!start || !end) return std::nullopt;
    return *end - *start;
  }

  TraceMaker& into_;
  std::vector<std::string_view> words_;
  std::size_t columns_ = 0;
  int job_ = kNone, submit_ = kNone, seconds_ = kNone, elapsed_ = kNone, start_ = kNone,
      end_ = kNone, cores_ = kNone, nodes_ = kNone, partition_ = kNone, qos_ = kNone,
      account_ = kNone;
};

}  // namespace

void read_sacct(std::string_view text, TraceMaker& into) {
  SacctReader reader(into);
  std::size_t number = 1;
  auto first = next_line(text);
  while (first.empty() && !text.empty()) first = next_line(text), ++number;
  if (!first.empty() && first.back() == '|') first.remove_suffix(1);
  if (!reader.head(first)) return;
  for (++number; !text.empty(); ++number) reader.line(next_line(text), number);
}

}  // namespace tidepool::plan
