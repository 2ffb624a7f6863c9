// tidepool slurm-conf: the slurm.conf lines for the pools.
#include <unistd.h>

#include <fmt/format.h>

#include "command.hpp"
#include "config/partition_policies.hpp"
#include "config/slurm_conf_lines.hpp"
#include "live.hpp"
#include "output.hpp"
#include "slurm_version.hpp"
#include "work/dynamic_nodes.hpp"

namespace tidepool {
namespace {

struct SlurmConfOptions {
  std::string version, programs;
  bool job_policy = false;
};

// Where the hooks are: beside this program in a build tree, else where the package puts them.
std::filesystem::path programs_folder() {
  std::error_code ec;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", ec).parent_path();
  if (!ec && ::access((self / "tidepool-resume").c_str(), X_OK) == 0) return self;
  return "/usr/libexec/tidepool";
}

Task<Result<std::map<std::string, NodeSize>>> sizes_of(const PoolFile& pools,
                                                       openstack::Cloud& cloud) {
  std::map<std::string, NodeSize> sizes;
  for (const auto& pool : pools.pools) {
    auto size = co_await size_of(pool, cloud);
    if (!size) co_return tl::unexpected(size.error());
    sizes[pool.name] = *size;
  }
  co_return sizes;
}

// The policy needs no cloud. slurm.conf says which partition a job without --partition goes to;
// where it cannot be read, that is said, because such a job then gets no default.
int print_job_policy(const PoolFile& pools) {
  const auto conf = load_slurm_conf(slurm_conf_path(pools));
  if (!conf)
    complain(kProgram, fmt::format("warning: {}; no partition is taken for the default one",
                                   conf.error().message));
  fmt::print(
      "{}", format_job_policy(job_policy_of(pools, conf ? default_partition(*conf) : std::string()),
                              "For job_submit_tidepool, made from " + pools.path.string()));
  return kOk;
}

int run_slurm_conf(const CommandLine& line, const SlurmConfOptions& options) {
  auto setup = set_up(kProgram, line.common, /*open_store=*/false);
  if (!setup) return setup.error();
  if (options.job_policy) return print_job_policy(setup->pools);
  SlurmConfLinesRequest request;
  request.programs =
      options.programs.empty() ? programs_folder() : std::filesystem::path(options.programs);
  request.version = installed_slurm_version(setup->pools);
  if (!options.version.empty()) {
    auto version = SlurmVersion::parse(options.version);
    if (!version) {
      complain(kProgram, "--slurm-version: " + version.error().message);
      return kUsage;
    }
    request.version = *version;
  }
  std::vector<Diagnostic> notes;
  auto settings =
      load_cloud({setup->pools.cloud.config, setup->pools.cloud.name, setup->pools.cloud.strict},
                 process_environment(), notes);
  if (!settings) {
    complain(kProgram, settings.error().message);
    return kConfig;
  }
  Progress progress;
  progress.show("asking the cloud for the flavors");
  boost::asio::io_context context;
  openstack::Cloud cloud(context, std::move(*settings), {});
  auto sizes = wait_on(context, sizes_of(setup->pools, cloud));
  if (!sizes) {
    complain(kProgram, sizes.error().message);
    return exit_code_of(sizes.error());
  }
  request.sizes = std::move(*sizes);
  auto lines = slurm_conf_lines(setup->pools, request);
  if (!lines) {
    complain(kProgram, lines.error().message);
    return kFailed;
  }
  fmt::print("{}", *lines);
  return kOk;
}

}  // namespace

void add_slurm_conf(CLI::App& app, CommandLine& line) {
  auto* sub = app.add_subcommand(
      "slurm-conf", "Print the slurm.conf lines for the pools: nodes, partitions, power saving.");
  auto options = std::make_shared<SlurmConfOptions>();
  sub->add_option("--slurm-version", options->version,
                  "for this version (default: the installed one)");
  sub->add_option("--programs", options->programs, "folder of tidepool-resume and its kin");
  sub->add_flag("--job-policy", options->job_policy,
                "print what jobs may ask for instead, as job_submit_tidepool reads it");
  sub->callback([&line, options] {
    line.chosen = [&line, options] { return run_slurm_conf(line, *options); };
  });
}

}  // namespace tidepool
