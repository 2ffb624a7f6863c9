#include <algorithm>
#include <charconv>
#include <ctime>

#include "base/hostlist.hpp"
#include "slurm/job.hpp"

namespace tidepool::slurm {
namespace {

// scontrol prints a job's fields in this order, those that users write among them:
//   JobId … JobName=<theirs> UserId= … Network= Command=<theirs> WorkDir=<theirs> …
//   [AdminComment=<administrators'>] … [Comment=<theirs>] … StdErr= …
constexpr std::string_view kAfterName = " UserId=";
constexpr std::string_view kBeforeCommand = " Command=";

std::int64_t number_of(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// The value of " Key=" in a part of the line that users cannot write into.
std::string field(std::string_view part, std::string_view key) {
  std::size_t at = 0;
  while ((at = part.find(key, at)) != std::string_view::npos) {
    const std::size_t equals = at + key.size();
    if ((at == 0 || part[at - 1] == ' ') && equals < part.size() && part[equals] == '=') {
      const std::string_view rest = part.substr(equals + 1);
      std::string value(rest.substr(0, rest.find(' ')));
      return value == "(null)" || value == "N/A" ? std::string() : value;
    }
    ++at;
  }
  return {};
}

std::int64_t time_field(const std::string& text) {
  std::tm tm{};
  if (::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &tm) == nullptr) return 0;
  tm.tm_isdst = -1;
  return static_cast<std::int64_t>(::mktime(&tm));
}

// "2-03:04:05", "03:04:05"
std::int64_t seconds_field(std::string_view text) {
  std::int64_t total = 0;
  if (const auto dash = text.find('-'); dash != std::string_view::npos) {
    total = number_of(text.substr(0, dash)) * 24;
    text.remove_prefix(dash + 1);
    total += number_of(text.substr(0, text.find(':')));
  } else {
    total = number_of(text.substr(0, text.find(':')));
  }
  for (int i = 0; i < 2; ++i) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) break;
    text.remove_prefix(colon + 1);
    total = total * 60 + number_of(text.substr(0, text.find(':')));
  }
  return total;
}

// An administrator's words run to the next key that scontrol may print after them.
std::string admin_comment_of(std::string_view tail) {
  constexpr std::string_view kKey = " AdminComment=";
  const auto at = tail.find(kKey);
  if (at == std::string_view::npos) return {};
  std::string_view value = tail.substr(at + kKey.size());
  std::size_t end = value.size();
  for (const std::string_view next :
       {" SystemComment=", " Comment=", " StdErr=", " StdIn=", " BurstBuffer=", " Container=",
        " Power=", " BatchFeatures=", " Extra=", " SLUID="})
    end = std::min(end, value.find(next));
  value = value.substr(0, end);
  while (!value.empty() && (value.back() == ' ' || value.back() == '\n')) value.remove_suffix(1);
  return value == "(null)" ? std::string() : std::string(value);
}

struct Parts {
  std::string_view head, name, middle, tail;
};

// False: no job's line. `twice`: more than one place could be where the name ends.
bool split(std::string_view line, Parts& parts, bool& twice) {
  const auto name_at = line.find(" JobName=");
  if (name_at == std::string_view::npos) return false;
  parts.head = line.substr(0, name_at);
  const std::string_view rest = line.substr(name_at + 9);
  const auto user_at = rest.find(kAfterName);
  if (user_at == std::string_view::npos) return false;
  parts.name = rest.substr(0, user_at);
  const std::string_view after = rest.substr(user_at + 1);
  const auto command_at = after.find(kBeforeCommand);
  parts.middle = after.substr(0, command_at);
  parts.tail = command_at == std::string_view::npos ? std::string_view() : after.substr(command_at);
  twice = after.find(kAfterName) != std::string_view::npos;
  return true;
}

JobInfo read_job(const Parts& parts) {
  JobInfo job;
  job.id = number_of(parts.head.substr(6));
  job.array_job_id = number_of(field(parts.head, "ArrayJobId"));
  job.array_task = field(parts.head, "ArrayTaskId");
  job.het_job_id = number_of(field(parts.head, "HetJobId"));
  job.name = std::string(parts.name);
  const std::string_view m = parts.middle;
  job.user = field(m, "UserId");
  job.user = job.user.substr(0, job.user.find('('));
  job.account = field(m, "Account");
  job.qos = field(m, "QOS");
  job.partition = field(m, "Partition");
  job.state = field(m, "JobState");
  job.reason = field(m, "Reason");
  if (job.reason == "None") job.reason.clear();
  if (auto nodes = expand_hostlist(field(m, "NodeList"))) job.nodes = std::move(*nodes);
  if (field(m, "BatchFlag") != "0") job.batch_host = field(m, "BatchHost");
  job.dependency = field(m, "Dependency");
  if (auto nodes = expand_hostlist(field(m, "ReqNodeList"))) job.required_nodes = std::move(*nodes);
  job.priority = number_of(field(m, "Priority"));
  job.cpus = static_cast<int>(number_of(field(m, "NumCPUs")));
  job.restarts = static_cast<int>(number_of(field(m, "Restarts")));
  job.requeueable = field(m, "Requeue") == "1";
  job.start_time_s = time_field(field(m, "StartTime"));
  job.run_time_s = seconds_field(field(m, "RunTime"));
  job.admin_comment = admin_comment_of(parts.tail);
  return job;
}

bool begins_job(std::string_view line) {
  return line.size() > 6 && line.starts_with("JobId=") && line[6] >= '0' && line[6] <= '9';
}

}  // namespace

std::vector<JobInfo> parse_jobs(const std::string& text, std::set<std::int64_t>* doubtful) {
  std::vector<JobInfo> jobs;
  std::set<std::int64_t> seen, twice_seen;
  std::string_view rest(text);
  std::int64_t open = 0;  // the job whose line it was last
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    if (!begins_job(line)) {
      // A name or comment with a newline in it: the job before.
      if (!line.empty() && open != 0) twice_seen.insert(open);
      rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
      continue;
    }
    Parts parts;
    bool twice = false;
    bool whole = split(line, parts, twice);
    if (!whole) {
      // Perhaps it goes on behind a newline: take what follows for its own.
      line = rest;
      whole = split(line, parts, twice);
      twice = true;
    }
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    if (!whole) continue;
    JobInfo job = read_job(parts);
    if (job.id <= 0) continue;
    open = job.id;
    if (!seen.insert(job.id).second) {
      twice_seen.insert(job.id);
      continue;
    }
    if (twice) twice_seen.insert(job.id);
    jobs.push_back(std::move(job));
  }
  if (doubtful != nullptr) *doubtful = std::move(twice_seen);
  return jobs;
}

void lay_safe_fields(const std::string& text, std::vector<JobInfo>& jobs) {
  std::string_view rest(text);
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    std::vector<std::string> cells;
    while (true) {
      const auto bar = line.find('|');
      cells.emplace_back(line.substr(0, bar));
      if (bar == std::string_view::npos) break;
      line.remove_prefix(bar + 1);
    }
    if (cells.size() != 8) continue;
    const std::int64_t id = number_of(cells[0]);
    for (auto& job : jobs) {
      if (job.id != id) continue;
      job.state = cells[1];
      job.nodes.clear();
      if (auto nodes = expand_hostlist(cells[2])) job.nodes = std::move(*nodes);
      job.reason = cells[3] == "None" ? std::string() : cells[3];
      job.user = cells[4];
      job.account = cells[5] == "(null)" ? std::string() : cells[5];
      job.partition = cells[6];
      job.qos = cells[7] == "(null)" ? std::string() : cells[7];
    }
  }
}

std::string scontrol_id(const JobInfo& job) {
  const bool task = job.array_job_id != 0 && !job.array_task.empty() &&
                    job.array_task.find_first_not_of("0123456789") == std::string::npos;
  return task ? std::to_string(job.array_job_id) + "_" + job.array_task : std::to_string(job.id);
}

}  // namespace tidepool::slurm
