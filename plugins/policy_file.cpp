#include "policy_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/fd.hpp"
#include "spank.hpp"

namespace tidepool {
namespace {

bool same(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_size == b.st_size &&
         a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec &&
         a.st_ctim.tv_sec == b.st_ctim.tv_sec && a.st_ctim.tv_nsec == b.st_ctim.tv_nsec;
}

std::string reason(int code) {
  return std::generic_category().message(code);
}

}  // namespace

const JobPolicy* PolicyFile::current() {
  struct stat now {};
  if (::stat(path_.c_str(), &now) != 0) {
    const int code = errno;
    if (!missing_) complain(reason(code));
    missing_ = true;
    seen_ = {};
  } else if (missing_ || !same(now, seen_)) {
    missing_ = false;
    seen_ = now;
    read(now);
  }
  return policy_ ? &*policy_ : nullptr;
}

// A FIFO or a device would stop slurmctld: only a plain file is opened.
void PolicyFile::read(const struct stat& now) {
  if (!S_ISREG(now.st_mode)) return complain("is not a plain file");
  const Fd fd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return complain(reason(errno));
  std::string text;
  char buffer[16384];
  while (text.size() <= kLargestJobPolicy) {
    const ssize_t n = ::read(fd.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return complain(reason(errno));
    if (n == 0) break;
    text.append(buffer, static_cast<std::size_t>(n));
  }
  auto policy = parse_job_policy(text);
  if (!policy) return complain(policy.error().message);
  policy_ = std::move(*policy);
  slurm_info("job_submit/tidepool: %s: policy of %zu partitions", path_.c_str(),
             policy_->partitions.size());
}

void PolicyFile::complain(const std::string& what) {
  slurm_error(
      "job_submit/tidepool: %s: %s; %s (make it with: tidepool slurm-conf --job-policy)",
      path_.c_str(), what.c_str(),
      policy_ ? "the policy that was read before goes on counting" : "jobs are taken as they ask");
}

}  // namespace tidepool
