#include "work/intents.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "base/hostlist.hpp"
#include "base/log.hpp"
#include "slurm/resume_file.hpp"

namespace tidepool {
namespace {

std::vector<JobNodes> jobs_in(const std::string& json) {
  auto file = slurm::parse_resume_file(json);
  if (!file) {
    log_error(LogLevel::warning, "SLURM_RESUME_FILE cannot be used", file.error());
    return {};
  }
  std::vector<JobNodes> jobs;
  for (const auto& job : file->jobs) jobs.push_back({job.job_id, job.nodes});
  return jobs;
}

}  // namespace

std::string_view to_string(Hook hook) {
  switch (hook) {
    case Hook::resume:
      return "resume";
    case Hook::suspend:
      return "suspend";
    case Hook::resume_fail:
      return "resume-fail";
  }
  return "resume";
}

Result<IntentReport> take_intent(const PoolFile& pools, Store& store, Hook hook,
                                 const std::string& hostlist,
                                 const std::optional<std::string>& resume_json) {
  auto names = expand_hostlist(hostlist);
  if (!names) return fail(Error(names.error()).context("hostlist '" + hostlist + "'"));
  sort_hosts(*names);
  names->erase(std::unique(names->begin(), names->end()), names->end());

  IntentReport report;
  std::vector<NodeKey> keys;
  for (auto& name : *names) {
    const auto found = pools.find(name);
    if (found.pool == nullptr) {
      report.unknown.push_back(name);
      continue;
    }
    keys.push_back({name, found.pool->name});
    report.taken.push_back(name);
  }
  if (hook == Hook::resume && resume_json) report.jobs = jobs_in(*resume_json);
  if (!keys.empty()) {
    const Wanted wanted = hook == Hook::resume ? Wanted::present : Wanted::absent;
    if (auto done = store.want(keys, wanted, std::string(to_string(hook)), report.jobs); !done)
      return tl::unexpected(done.error());
  }
  log_event(
      LogLevel::info, fmt::format("{} wanted", to_string(hook)),
      {{"nodes", format_hostlist(report.taken)},
       {"jobs", report.jobs.empty() ? std::string() : fmt::format("{}", report.jobs.size())}});
  if (!report.unknown.empty())
    log_event(LogLevel::error, "nodes that no pool has",
              {{"nodes", format_hostlist(report.unknown)}, {"file", pools.path.string()}});
  return report;
}

}  // namespace tidepool
