// tidepool check: pool file, clouds.yaml, slurm.conf and the living cloud against each other.
#include <fmt/format.h>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "command.hpp"
#include "config/check.hpp"
#include "config/partition_policies.hpp"
#include "live.hpp"
#include "output.hpp"
#include "slurm_version.hpp"
#include "work/check_cloud.hpp"
#include "work/check_probe.hpp"
#include "work/check_reclaim.hpp"
#include "work/look_for_hold.hpp"

namespace tidepool {
namespace {

struct CheckOptions {
  bool offline = false, json = false;
  std::string pool_file, slurm_conf, job_policy = kJobPolicyPath;
};

const char* word(Severity severity) {
  return severity == Severity::error ? "error" : severity == Severity::warning ? "warning" : "note";
}

int print(const std::vector<Diagnostic>& all, const CheckOptions& options) {
  const auto count = [&](Severity s) {
    return std::count_if(all.begin(), all.end(),
                         [&](const Diagnostic& d) { return d.severity == s; });
  };
  const auto errors = count(Severity::error), warnings = count(Severity::warning);
  if (options.json) {
    nlohmann::ordered_json root{
        {"errors", errors}, {"warnings", warnings}, {"findings", nlohmann::json::array()}};
    for (const auto& d : all)
      root["findings"].push_back({{"severity", word(d.severity)},
                                  {"file", d.file},
                                  {"line", d.line},
                                  {"column", d.column},
                                  {"key", d.key},
                                  {"what", d.what},
                                  {"fix", d.fix}});
    fmt::print("{}\n", root.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    for (const auto& d : all) fmt::print("{}\n", to_string(d));
    fmt::print("{} errors, {} warnings{}\n", errors, warnings,
               options.offline ? " (neither cloud nor stand-in was asked: --offline)" : "");
  }
  return errors == 0 ? kOk : kFailed;
}

void ask_standin(const PoolFile& pools, std::vector<Diagnostic>& all) {
  if (!pools.standin.given()) return;
  boost::asio::io_context context;
  auto trouble = wait_on(context, standin_trouble(pools));
  if (!trouble.empty())
    all.push_back({Severity::error, pools.path.string(), pools.standin.line, 0, "standin",
                   std::move(trouble), ""});
}

int check(const CommandLine& line, const CheckOptions& options) {
  std::filesystem::path path = options.pool_file.empty() ? config_path(line.common)
                                                         : std::filesystem::path(options.pool_file);
  auto text = read_file(path, 1u << 20);
  if (!text) {
    complain(kProgram, "pool file: " + text.error().message);
    return kConfig;
  }
  std::vector<Diagnostic> all;
  auto pools = parse_pool_file(*text, std::filesystem::absolute(path), all);
  if (!pools) {
    print(all, options);
    return kConfig;
  }
  check_guest(*pools, all);
  for (auto& d : check_reclaim(*pools)) all.push_back(std::move(d));
  const auto conf_path = options.slurm_conf.empty() ? slurm_conf_path(*pools)
                                                    : std::filesystem::path(options.slurm_conf);
  if (auto conf = load_slurm_conf(conf_path)) {
    for (auto& d : check_slurm_conf(*pools, *conf, installed_slurm_version(*pools)))
      all.push_back(std::move(d));
    check_job_policy(*pools, *conf, options.job_policy, all);
  } else {
    all.push_back({Severity::error, conf_path.string(), 0, 0, "slurm.conf", conf.error().message,
                   "name it in the pool file: slurm: {conf: /etc/slurm/slurm.conf}"});
  }
  if (!options.offline) ask_standin(*pools, all);
  auto cloud = load_cloud({pools->cloud.config, pools->cloud.name, pools->cloud.strict},
                          process_environment(), all);
  if (cloud)
    for (auto& d : check_probes(*pools, cloud->name)) all.push_back(std::move(d));
  if (!cloud) {
    all.push_back({Severity::error, "", 0, 0, "cloud", cloud.error().message, ""});
  } else if (!options.offline) {
    Progress progress;
    progress.show("asking the cloud");
    boost::asio::io_context context;
    openstack::Cloud connection(context, std::move(*cloud), {});  // nothing cached: this is a check
    auto found = wait_on(context, check_cloud(*pools, connection));
    if (found) {
      for (auto& d : found->diagnostics) all.push_back(std::move(d));
    } else {
      all.push_back(
          {Severity::error, "", 0, 0, "cloud", found.error().message,
           found.error().kind == ErrorKind::auth ? "mend the credentials in clouds.yaml" : ""});
      print(all, options);
      return kCloud;
    }
  }
  return print(all, options);
}

}  // namespace

void add_check(CLI::App& app, CommandLine& line) {
  auto* sub = app.add_subcommand(
      "check", "Check the pool file, clouds.yaml, slurm.conf and the cloud against each other.");
  auto options = std::make_shared<CheckOptions>();
  sub->add_flag("--offline", options->offline, "ask neither cloud nor stand-in");
  sub->add_option("--pool-file", options->pool_file, "check this file instead of the one in use");
  sub->add_option("--slurm-conf", options->slurm_conf, "check against this slurm.conf");
  sub->add_option("--job-policy", options->job_policy,
                  fmt::format("what job_submit_tidepool reads (default {})", kJobPolicyPath));
  sub->add_flag("--json", options->json, "for machines");
  sub->callback(
      [&line, options] { line.chosen = [&line, options] { return check(line, *options); }; });
}

}  // namespace tidepool
