// slurmctld behind one interface: scontrol and squeue, run with an argument vector.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>
#include "base/async.hpp"

#include "base/result.hpp"
#include "slurm/job.hpp"

namespace tidepool::slurm {

struct NodeInfo {
  std::string name, address, reason, partitions, extra;
  std::string state;               // base state: IDLE, ALLOCATED, MIXED, DOWN, UNKNOWN, FUTURE …
  std::vector<std::string> flags;  // CLOUD, POWERING_UP, POWERED_DOWN, DRAIN, NOT_RESPONDING …
  std::int64_t boot_time_s = 0;    // since the epoch; 0: None
  std::int64_t slurmd_start_s = 0;
  bool has(std::string_view flag) const;
};

class Controller {
 public:
  // `conf`: SLURM_CONF for the programs; `bin_dir`: empty means PATH.
  Controller(std::filesystem::path conf, std::filesystem::path bin_dir);

  // unreachable: slurmctld does not answer. Unknown names are left out of the answer.
  Task<Result<std::vector<NodeInfo>>> nodes(std::vector<std::string> names);
  // One update per call whatever the number; pairs are sorted and de-duplicated here.
  Task<Result<void>> set_addresses(std::vector<std::pair<std::string, std::string>> pairs);
  // Dynamic nodes (scontrol create, ≥ 22.05): a name and an address each ("": none), and what is
  // the same for all of them ("CPUs=2", "State=CLOUD"). Some may be there when it fails: ask.
  Task<Result<void>> create(std::vector<std::pair<std::string, std::string>> nodes,
                            std::vector<std::string> settings);
  // Dynamic nodes without jobs. Each has its own chance; the first refusal is returned.
  Task<Result<void>> remove(std::vector<std::string> names);
  // State=DOWN with a Reason (one line, at most 200 bytes kept, control characters removed).
  Task<Result<void>> set_down(std::vector<std::string> names, std::string reason);
  // State=POWER_DOWN: slurmctld calls SuspendProgram and the node can be used again.
  Task<Result<void>> power_down(std::vector<std::string> names);
  // One update of all these nodes with these settings: {"State=DRAIN", "Reason=…"}.
  Task<Result<void>> update(std::vector<std::string> names, std::vector<std::string> settings);

  // Jobs by id (steps of a job array by their own ids); empty: all that slurmctld knows. A job that
  // it has forgotten is left out of the answer.
  Task<Result<std::vector<JobInfo>>> jobs(std::vector<std::int64_t> ids);
  // Each job has its own chance; the first refusal is returned. "Already so" is success.
  Task<Result<void>> suspend(std::vector<std::int64_t> ids);
  Task<Result<void>> resume(std::vector<std::int64_t> ids);
  // `hold`: stays in the queue, JobHeldAdmin, until release().
  Task<Result<void>> requeue(std::vector<std::int64_t> ids, bool hold);
  Task<Result<void>> release(std::vector<std::int64_t> ids);
  // The job's admin_comment, whole: read it first to keep what others wrote.
  Task<Result<void>> set_admin_comment(std::int64_t id, std::string text);
  // Every daemon reads slurm.conf again; without shared files slurmctld sends it to the nodes.
  Task<Result<void>> reconfigure();
  // Does slurmctld answer questions? unreachable: no.
  Task<Result<void>> answers();
  // "22.05.8"
  Task<Result<std::string>> version();

 private:
  std::filesystem::path conf_, bin_dir_;
  Task<Result<std::string>> run(std::vector<std::string> argv);
  Task<Result<std::vector<JobInfo>>> settle_doubts(std::vector<JobInfo> jobs,
                                                   std::set<std::int64_t> doubtful);
  Task<Result<void>> each_job(std::string command, std::vector<std::int64_t> ids,
                              std::vector<std::string> already);
  Task<Result<void>> update_each(std::vector<std::string> names, std::vector<std::string> settings);
};

// `scontrol -o show node` text -> nodes. For tests and fuzzing.
std::vector<NodeInfo> parse_nodes(const std::string& text);

}  // namespace tidepool::slurm
