#include <fmt/format.h>

#include "base/file.hpp"
#include "config/partition_policies.hpp"

namespace tidepool {

void check_job_policy(const PoolFile& pools, const SlurmConf& conf,
                      const std::filesystem::path& path, std::vector<Diagnostic>& into) {
  if (!conf.has_option("JobSubmitPlugins", "tidepool")) return;
  const auto place = conf.places.find("jobsubmitplugins");
  const auto warn = [&](const std::string& file, int line, std::string what) {
    into.push_back({Severity::warning, file, line, 0, "JobSubmitPlugins", std::move(what),
                    fmt::format("tidepool slurm-conf --job-policy >{}", path.string())});
  };
  const auto text = read_file(path, kLargestJobPolicy);
  if (!text) {
    if (place != conf.places.end())
      warn(place->second.file, place->second.line,
           fmt::format("job_submit_tidepool has no policy ({}), so jobs are taken as they ask",
                       text.error().message));
    return;
  }
  const auto policy = parse_job_policy(*text);
  if (!policy)
    warn(path.string(), 0, fmt::format("{}: slurmctld does not take it", policy.error().message));
  else if (*policy != job_policy_of(pools, default_partition(conf)))
    warn(path.string(), 0,
         fmt::format("is not what {} says now (it is older, or was edited)", pools.path.string()));
}

}  // namespace tidepool
