#include "slurm_version.hpp"

#include "live.hpp"

namespace tidepool {

SlurmVersion installed_slurm_version(const PoolFile& pools) {
  boost::asio::io_context context;
  slurm::Controller controller(slurm_conf_path(pools), pools.slurm.bin_dir);
  auto text = wait_on(context, controller.version());
  if (text)
    if (auto version = SlurmVersion::parse(*text)) return *version;
  return SlurmVersion{};
}

}  // namespace tidepool
