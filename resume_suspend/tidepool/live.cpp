#include "live.hpp"

#include <fmt/format.h>

#include "command.hpp"
#include "config/slurm_conf.hpp"

namespace tidepool {

std::filesystem::path slurm_conf_path(const PoolFile& pools) {
  if (!pools.slurm.conf.empty()) return pools.slurm.conf;
  if (const auto named = process_environment()("SLURM_CONF"); named && !named->empty())
    return *named;
  return "/etc/slurm/slurm.conf";
}

Live::Live(Setup& setup, CloudSettings cloud, std::filesystem::path slurm_conf,
           Millis resume_timeout, Millis slurmd_timeout)
    : cloud_(context_, std::move(cloud), setup.pools.state.dir / "cache"),
      limiter_(context_.get_executor(), setup.pools.cloud.max_in_flight),
      controller_(std::move(slurm_conf), setup.pools.slurm.bin_dir),
      surroundings_{context_, setup.pools, *setup.store,   cloud_,
                    limiter_, controller_, resume_timeout, slurmd_timeout} {}

tl::expected<std::unique_ptr<Live>, int> Live::connect(Setup& setup) {
  std::vector<Diagnostic> notes;
  auto cloud =
      load_cloud({setup.pools.cloud.config, setup.pools.cloud.name, setup.pools.cloud.strict},
                 process_environment(), notes);
  for (const auto& n : notes) log_event(LogLevel::warning, to_string(n));
  if (!cloud) {
    complain(kProgram, cloud.error().message);
    log_error(LogLevel::error, "clouds.yaml", cloud.error());
    return tl::unexpected<int>(kConfig);
  }
  const auto conf_path = slurm_conf_path(setup.pools);
  Millis resume_timeout{60'000}, slurmd_timeout{300'000};  // slurm.conf(5)'s defaults
  if (auto conf = load_slurm_conf(conf_path)) {
    if (const auto seconds = conf->seconds("ResumeTimeout", 60))
      resume_timeout = Millis(*seconds * 1000);
    // 0: slurmctld never takes a node for dead.
    if (const auto seconds = conf->seconds("SlurmdTimeout", 300); seconds && *seconds > 0)
      slurmd_timeout = Millis(*seconds * 1000);
    if (setup.pools.slurm.conf_server.empty()) setup.pools.slurm.conf_server = conf->conf_server();
  } else {
    log_error(LogLevel::warning, "slurm.conf cannot be read; taking ResumeTimeout=60",
              conf.error());
  }
  return std::unique_ptr<Live>(
      new Live(setup, std::move(*cloud), conf_path, resume_timeout, slurmd_timeout));
}

}  // namespace tidepool
