// Any text: jobs with an id each, none twice; squeue's fields can be laid over them.
#include <set>

#include "slurm/job.hpp"
#include "target.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::set<std::int64_t> doubtful, ids;
  auto jobs = tidepool::slurm::parse_jobs(text, &doubtful);
  for (const auto& job : jobs) {
    promise(job.id > 0, "a job has an id");
    promise(ids.insert(job.id).second, "no job twice");
    promise(!tidepool::slurm::scontrol_id(job).empty(), "scontrol can be told of it");
  }
  tidepool::slurm::lay_safe_fields(text, jobs);
  promise(jobs.size() == ids.size(), "laying fields over jobs makes none");
  return 0;
}
