#include "slurm/resume_file.hpp"

#include <nlohmann/json.hpp>

#include "base/hostlist.hpp"

namespace tidepool::slurm {
namespace {
using nlohmann::json;

std::string text_of(const json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

// The first of the keys that is there and not empty.
Result<std::vector<std::string>> hosts_of(const json& object, const char* newer,
                                          const char* older) {
  std::string list = text_of(object, newer);
  if (list.empty()) list = text_of(object, older);
  return expand_hostlist(list);
}

}  // namespace

Result<ResumeFile> parse_resume_file(const std::string& text) {
  const json root = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!root.is_object()) return fail(ErrorKind::invalid, "resume file: not a JSON object");
  ResumeFile file;
  auto all = hosts_of(root, "all_nodes_resume", "all_nodes");
  if (!all) return fail(Error(all.error()).context("resume file: all_nodes"));
  file.nodes = std::move(*all);
  const auto jobs = root.find("jobs");
  if (jobs == root.end()) return file;
  if (!jobs->is_array()) return fail(ErrorKind::invalid, "resume file: jobs is not a list");
  for (const auto& entry : *jobs) {
    if (!entry.is_object()) return fail(ErrorKind::invalid, "resume file: a job is not an object");
    ResumeJob job;
    const auto id = entry.find("job_id");
    if (id == entry.end() || !id->is_number_unsigned() || id->get<std::uint64_t>() > UINT32_MAX)
      return fail(ErrorKind::invalid, "resume file: a job without a job_id");
    job.job_id = id->get<std::uint32_t>();
    auto nodes = hosts_of(entry, "nodes_resume", "nodes");
    auto whole = hosts_of(entry, "nodes_alloc", "nodes");
    if (!nodes || !whole)
      return fail(ErrorKind::invalid, "resume file: a job's nodes are no hostlist");
    job.nodes = std::move(*nodes);
    job.all_nodes = std::move(*whole);
    job.partition = text_of(entry, "partition");
    job.extra = text_of(entry, "extra");
    job.features = text_of(entry, "features");
    file.jobs.push_back(std::move(job));
  }
  return file;
}

}  // namespace tidepool::slurm
