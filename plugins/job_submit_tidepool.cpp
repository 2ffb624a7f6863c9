// job_submit_tidepool: in slurmctld, judges what a job asks for against its partition's policy,
// adds the partition's default, and writes the result into the job's admin_comment
// (config/job_wish.hpp), where tidepool's worker finds it on every release of Slurm.
#include <slurm/slurm.h>
#include <slurm/slurm_errno.h>

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "config/job_wish.hpp"
#include "guarded.hpp"
#include "policy_file.hpp"

#pragma GCC visibility push(default)
extern "C" {
extern const char plugin_name[];
extern const char plugin_type[];
extern const uint32_t plugin_version;
const char plugin_name[] = "tidepool: how a job may be held";
const char plugin_type[] = "job_submit/tidepool";
const uint32_t plugin_version = SLURM_VERSION_NUMBER;
typedef struct job_record job_record_t;
int init(void);
int fini(void);
int job_submit(job_desc_msg_t* job, uint32_t uid, char** err_msg);
int job_modify(job_desc_msg_t* job, job_record_t* record, uint32_t uid, char** err_msg);
}
#pragma GCC visibility pop

// Of slurmctld's own memory; no public header has them.
extern "C" char* slurm_xstrdup(const char* text);
extern "C" void slurm_xfree(void** item);

namespace {

using tidepool::guarded;

std::mutex mutex;
std::unique_ptr<tidepool::PolicyFile> policy_file;

tidepool::PolicyFile& policy() {
  if (!policy_file) {
    // slurmctld hands a job_submit plugin no argument.
    const char* named = std::getenv("TIDEPOOL_JOB_POLICY");
    policy_file = std::make_unique<tidepool::PolicyFile>(
        named != nullptr && *named != '\0' ? named : "/etc/tidepool/job-policy");
  }
  return *policy_file;
}

// The wish that spank_tidepool passed on; nothing of it is taken on trust, as anybody can send it.
tidepool::Result<tidepool::JobWish> asked_of(const job_desc_msg_t& job) {
  constexpr std::string_view kBegin = "_SLURM_SPANK_OPTION_tidepool_";
  tidepool::JobWish wish;
  for (uint32_t i = 0; job.spank_job_env != nullptr && i < job.spank_job_env_size; ++i) {
    if (job.spank_job_env[i] == nullptr) continue;
    std::string_view entry = job.spank_job_env[i];
    if (!entry.starts_with(kBegin)) continue;
    entry.remove_prefix(kBegin.size());
    const auto equals = entry.find('=');
    const auto option = entry.substr(0, equals);
    const auto value =
        equals == std::string_view::npos ? std::string_view{} : entry.substr(equals + 1);
    if (option == "no_hold") wish.no_hold = true;
    if (option == "hold_mode") {
      auto modes = tidepool::parse_hold_modes(value);
      if (!modes) return tidepool::fail(std::move(modes.error()).context("--hold-mode"));
      wish.modes = std::move(*modes);
    }
    if (option == "max_held") {
      auto longest = tidepool::parse_max_held(value);
      if (!longest) return tidepool::fail(std::move(longest.error()).context("--max-held"));
      wish.max_held = *longest;
    }
  }
  if (auto wrong = tidepool::contradiction_in(wish); !wrong.empty())
    return tidepool::fail(tidepool::ErrorKind::invalid, std::move(wrong));
  return wish;
}

int refuse(const tidepool::Error& error, char** err_msg) {
  if (err_msg != nullptr) {
    slurm_xfree(reinterpret_cast<void**>(err_msg));
    *err_msg = slurm_xstrdup(error.message.c_str());
  }
  return error.kind == tidepool::ErrorKind::forbidden ? ESLURM_ACCESS_DENIED : EINVAL;
}

int judge(job_desc_msg_t& job, char** err_msg) {
  const std::lock_guard lock(mutex);
  auto wish = asked_of(job);
  if (!wish) return refuse(wish.error(), err_msg);
  if (const auto* known = policy().current())
    wish = tidepool::apply_job_policy(*known, job.partition == nullptr ? "" : job.partition, *wish);
  if (!wish) return refuse(wish.error(), err_msg);
  const std::string before = job.admin_comment == nullptr ? "" : job.admin_comment;
  const std::string after = tidepool::with_job_wish(before, *wish);
  if (after == before) return SLURM_SUCCESS;
  char* fresh = slurm_xstrdup(after.c_str());
  void* old = job.admin_comment;
  slurm_xfree(&old);
  job.admin_comment = fresh;
  return SLURM_SUCCESS;
}

}  // namespace

// A missing or broken file is told when slurmctld starts, not with the first job.
int init(void) {
  return guarded("job policy", SLURM_SUCCESS, [] {
    const std::lock_guard lock(mutex);
    policy().current();
    return SLURM_SUCCESS;
  });
}

int fini(void) {
  return guarded("end", SLURM_SUCCESS, [] {
    const std::lock_guard lock(mutex);
    policy_file.reset();
    return SLURM_SUCCESS;
  });
}

// Whatever goes wrong here, the job is taken as it is: holds are no reason to stop a cluster.
int job_submit(job_desc_msg_t* job, uint32_t, char** err_msg) {
  return guarded("job_submit", SLURM_SUCCESS,
                 [&] { return job == nullptr ? SLURM_SUCCESS : judge(*job, err_msg); });
}

// scontrol update sends no SPANK options. An administrator's new admin_comment is left as it is.
int job_modify(job_desc_msg_t*, job_record_t*, uint32_t, char**) {
  return SLURM_SUCCESS;
}
