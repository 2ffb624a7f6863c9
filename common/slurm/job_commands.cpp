// The Controller's half that is about jobs.
#include <fmt/format.h>
#include <algorithm>
#include <optional>

#include "slurm/controller.hpp"

namespace tidepool::slurm {

Task<Result<std::vector<JobInfo>>> Controller::jobs(std::vector<std::int64_t> ids) {
  std::vector<std::string> argv{"scontrol", "-o", "show", "job"};
  // One question for many: slurmctld answers it in the time that it takes to answer for two.
  if (ids.size() == 1) argv.push_back(fmt::format("{}", ids.front()));
  auto text = co_await run(std::move(argv));
  if (!text) {
    // A job that slurmctld has forgotten, and the only one that was asked for.
    if (text.error().message.find("Invalid job id") != std::string::npos)
      co_return std::vector<JobInfo>{};
    co_return tl::unexpected(text.error());
  }
  std::set<std::int64_t> doubtful;
  std::vector<JobInfo> all = parse_jobs(*text, &doubtful);
  if (!ids.empty()) {
    const std::set<std::int64_t> asked(ids.begin(), ids.end());
    std::erase_if(all, [&](const JobInfo& job) { return !asked.contains(job.id); });
    std::erase_if(doubtful, [&](std::int64_t id) { return !asked.contains(id); });
  }
  if (doubtful.empty()) co_return all;
  co_return co_await settle_doubts(std::move(all), std::move(doubtful));
}

// What a job's name could have forged is asked for again, in words that no user writes.
Task<Result<std::vector<JobInfo>>> Controller::settle_doubts(std::vector<JobInfo> jobs,
                                                             std::set<std::int64_t> doubtful) {
  std::vector<std::string> argv{"squeue", "-h", "-a",          "-r", "-t",
                                "all",    "-j", std::string(), "-o", kJobSafeFormat};
  argv[7] = fmt::format("{}", fmt::join(doubtful, ","));
  auto text = co_await run(std::move(argv));
  if (!text && text.error().kind == ErrorKind::unreachable) co_return tl::unexpected(text.error());
  if (text) lay_safe_fields(*text, jobs);
  co_return jobs;
}

Task<Result<void>> Controller::each_job(std::string command, std::vector<std::int64_t> ids,
                                        std::vector<std::string> already) {
  if (ids.empty()) co_return Result<void>{};
  auto known = co_await jobs(ids);
  if (!known) co_return tl::unexpected(known.error());
  std::optional<Error> first;
  std::set<std::int64_t> done_with;
  for (const auto& job : *known) {
    // Slurm acts on a heterogeneous job as a whole, by its leader's id.
    const std::int64_t leader = job.het_job_id != 0 ? job.het_job_id : job.id;
    if (!done_with.insert(leader).second) continue;
    const std::string id = leader == job.id ? scontrol_id(job) : fmt::format("{}", leader);
    std::vector<std::string> argv{"scontrol", command, id};
    auto done = co_await run(std::move(argv));
    if (done) continue;
    if (done.error().kind == ErrorKind::unreachable) co_return tl::unexpected(done.error());
    const std::string& said = done.error().message;
    const bool so_already = std::any_of(already.begin(), already.end(), [&](const auto& words) {
      return said.find(words) != std::string::npos;
    });
    if (!so_already && !first) first = Error(done.error()).context("job " + id);
  }
  for (const auto id : ids) {
    if (first) break;
    const bool there =
        std::any_of(known->begin(), known->end(), [&](const JobInfo& job) { return job.id == id; });
    if (there) continue;
    Error gone;
    gone.kind = ErrorKind::not_found;
    gone.message = fmt::format("job {}: slurmctld does not know it", id);
    first = std::move(gone);
  }
  if (first) co_return fail(std::move(*first));
  co_return Result<void>{};
}

Task<Result<void>> Controller::suspend(std::vector<std::int64_t> ids) {
  std::vector<std::string> already{"Job is already suspended"};
  co_return co_await each_job("suspend", std::move(ids), std::move(already));
}

Task<Result<void>> Controller::resume(std::vector<std::int64_t> ids) {
  std::vector<std::string> already{"Job is not suspended"};
  co_return co_await each_job("resume", std::move(ids), std::move(already));
}

Task<Result<void>> Controller::requeue(std::vector<std::int64_t> ids, bool hold) {
  std::vector<std::string> already{"Job is pending execution"};
  const std::string command = hold ? "requeuehold" : "requeue";
  co_return co_await each_job(command, std::move(ids), std::move(already));
}

Task<Result<void>> Controller::release(std::vector<std::int64_t> ids) {
  co_return co_await each_job("release", std::move(ids), {});
}

Task<Result<void>> Controller::set_admin_comment(std::int64_t id, std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  std::vector<std::string> argv{"scontrol", "update", fmt::format("JobId={}", id),
                                "AdminComment=" + text};
  auto done = co_await run(std::move(argv));
  if (!done) co_return tl::unexpected(done.error());
  co_return Result<void>{};
}

}  // namespace tidepool::slurm
