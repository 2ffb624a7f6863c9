#include "slurm/job_spec.hpp"

#include <charconv>

#include "base/hostlist.hpp"

namespace tidepool::slurm {
namespace {

constexpr std::size_t kMostSpecs = 10'000;

bool number(std::string_view text, std::int64_t& into) {
  if (text.empty() || text.size() > 10 || text.front() < '0' || text.front() > '9') return false;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), into);
  return ec == std::errc() && end == text.data() + text.size() && into <= UINT32_MAX;
}

tl::unexpected<Error> bad(std::string_view word, const std::string& why = {}) {
  return fail(ErrorKind::invalid, "'" + std::string(word.substr(0, 80)) +
                                      "' is no job id; write 12, 12_3 or 12_[1-3]" +
                                      (why.empty() ? "" : ": " + why));
}

Result<void> add_tasks(std::string_view word, std::int64_t id, std::string_view tasks,
                       std::vector<JobSpec>& into) {
  std::int64_t task = 0;
  if (number(tasks, task)) return into.push_back({id, std::to_string(task)}), Result<void>{};
  if (tasks.size() < 3 || tasks.front() != '[' || tasks.back() != ']') return bad(word);
  const auto all = expand_hostlist(tasks, kMostSpecs);
  if (!all) return bad(word, all.error().message);
  for (const auto& one : *all) {
    if (!number(one, task)) return bad(word);
    into.push_back({id, std::to_string(task)});
  }
  return {};
}

}  // namespace

std::string JobSpec::str() const {
  return std::to_string(id) + (task.empty() ? "" : "_" + task);
}

Result<std::vector<JobSpec>> parse_job_specs(std::string_view text) {
  std::vector<JobSpec> specs;
  std::size_t at = 0;
  while (at <= text.size()) {
    std::size_t end = at;
    for (bool inside = false; end < text.size() && (inside || text[end] != ','); ++end)
      inside = text[end] == '[' || (inside && text[end] != ']');
    const std::string_view word = text.substr(at, end - at);
    at = end + 1;
    const auto low = word.find('_');
    JobSpec spec;
    if (word.find('+') != word.npos)
      return bad(word, "a heterogeneous job is held whole: name its first id alone");
    if (!number(word.substr(0, low), spec.id) || spec.id == 0) return bad(word);
    if (low == word.npos)
      specs.push_back(std::move(spec));
    else if (auto added = add_tasks(word, spec.id, word.substr(low + 1), specs); !added)
      return tl::unexpected(added.error());
    if (specs.size() > kMostSpecs) return fail(ErrorKind::invalid, "more than 10000 jobs");
  }
  return specs;
}

bool matches(const JobSpec& spec, const JobInfo& job) {
  if (!spec.task.empty()) return job.array_job_id == spec.id && job.array_task == spec.task;
  return job.id == spec.id || job.array_job_id == spec.id || job.het_job_id == spec.id;
}

std::string name_of(const JobInfo& job) {
  if (job.array_job_id == 0) return std::to_string(job.id);
  return std::to_string(job.array_job_id) + "_" + job.array_task;
}

}  // namespace tidepool::slurm
