#include "options.hpp"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <sstream>

namespace tidepool::sim {
namespace {

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  std::string part;
  while (std::getline(stream, part, separator)) parts.push_back(part);
  return parts;
}

CLI::Option* add_duration(CLI::App& app, const std::string& name, Millis& target,
                          const std::string& help) {
  return app.add_option_function<std::string>(
      name,
      [&target, name](const std::string& text) {
        const auto parsed = parse_duration(text);
        if (!parsed) throw CLI::ValidationError(name, "not a duration (50ms, 2s, 1m): " + text);
        target = *parsed;
      },
      help);
}

FlavorSpec read_flavor(const std::string& text) {
  const auto parts = split(text, ':');
  FlavorSpec spec;
  if (parts.size() == 4) {
    spec = {parts[0], std::atol(parts[1].c_str()), std::atol(parts[2].c_str()),
            std::atol(parts[3].c_str())};
  }
  if (spec.name.empty() || spec.vcpus < 1 || spec.ram < 1 || spec.disk < 0)
    throw CLI::ValidationError("--flavor", "is NAME:VCPUS:RAM_MIB:DISK_GIB, not " + text);
  return spec;
}

NetworkSpec read_network(const std::string& option, const std::string& text, bool shared) {
  const auto parts = split(text, ':');
  const auto block = parts.size() == 2 ? parse_block(parts[1]) : std::nullopt;
  if (!block || parts[0].empty())
    throw CLI::ValidationError(option, "is NAME:CIDR, such as hpc:10.20.0.0/20, not " + text);
  return {parts[0], shared ? "admin" : "demo", *block, shared};
}

void read_time(Times& times, const std::string& text) {
  const auto equals = text.find('=');
  const auto value =
      equals == std::string::npos ? std::nullopt : parse_duration(text.substr(equals + 1));
  const auto key = text.substr(0, equals);
  if (!value || times.count(key) == 0) {
    std::string known;
    for (const auto& [name, time] : times) known += " " + name;
    throw CLI::ValidationError("--time", "is STEP=DURATION with STEP one of" + known);
  }
  times[key] = *value;
}

void add_cloud_options(CLI::App& app, Settings& settings) {
  const char* cloud = "Cloud";
  app.add_option_function<std::vector<std::string>>(
         "--flavor",
         [&settings](const std::vector<std::string>& given) {
           for (const auto& text : given) settings.flavors.push_back(read_flavor(text));
         },
         "NAME:VCPUS:RAM_MIB:DISK_GIB (default: m1.small, m1.medium, m1.large)")
      ->group(cloud);
  app.add_option_function<std::vector<std::string>>(
         "--network",
         [&settings](const std::vector<std::string>& given) {
           for (const auto& text : given)
             settings.networks.push_back(read_network("--network", text, false));
         },
         "NAME:CIDR, owned by the project demo (default: hpc:10.20.0.0/20)")
      ->group(cloud);
  app.add_option_function<std::vector<std::string>>(
         "--shared-network",
         [&settings](const std::vector<std::string>& given) {
           for (const auto& text : given)
             settings.networks.push_back(read_network("--shared-network", text, true));
         },
         "NAME:CIDR, owned by the project admin and shared with all: members may not choose "
         "addresses there")
      ->group(cloud);
  app.add_option("--image", settings.images, "name of an image (default: rocky9-slurm)")
      ->group(cloud);
  app.add_option("--hosts", settings.hosts, "compute hosts")->capture_default_str()->group(cloud);
  app.add_option("--host-cores", settings.host_cores, "VCPUs of each")
      ->capture_default_str()
      ->group(cloud);
  app.add_option("--host-ram", settings.host_ram, "MiB of each")
      ->capture_default_str()
      ->group(cloud);
  const char* quota = "Quota (of every project; -1 is no limit)";
  app.add_option("--quota-instances", settings.quota.instances, "servers")
      ->capture_default_str()
      ->group(quota);
  app.add_option("--quota-cores", settings.quota.cores, "VCPUs")
      ->capture_default_str()
      ->group(quota);
  app.add_option("--quota-ram", settings.quota.ram, "MiB")->capture_default_str()->group(quota);
  app.add_flag("--count-from-placement", settings.count_from_placement,
               "count cores and RAM in placement, as nova does with "
               "[quota]count_usage_from_placement: shelved-offloaded servers then fill none")
      ->group(quota);
}

void add_behaviour_options(CLI::App& app, Options& options) {
  Settings& settings = options.settings;
  const char* group = "Behaviour";
  app.add_option("--shelved-offload-time", settings.shelved_offload_seconds,
                 "seconds until a shelved server leaves its host; 0 at once, -1 never")
      ->capture_default_str()
      ->group(group);
  add_duration(app, "--token-ttl", settings.token_ttl, "life of a token (default 24 h)")
      ->group(group);
  add_duration(app, "--latency", options.latency, "added to every request")->group(group);
  app.add_option("--rate", options.rate, "requests per second, 429 beyond; 0 is no limit")
      ->capture_default_str()
      ->group(group);
  add_duration(app, "--boot-time", settings.times["boot"], "the same as --time boot=..")
      ->group(group);
  add_duration(app, "--schedule-time", settings.times["schedule"],
               "the same as --time schedule=..; 0 takes host and address within the request")
      ->group(group);
  app.add_option_function<std::vector<std::string>>(
         "--time",
         [&settings](const std::vector<std::string>& given) {
           for (const auto& text : given) read_time(settings.times, text);
         },
         "STEP=DURATION: how long a step of a server's life takes (boot, suspend, delete, ..)")
      ->group(group);
  const char* hook = "Hook";
  app.add_option("--hook", settings.hook,
                 "program run as PROGRAM EVENT SERVER_ID NAME IP, the server as JSON on its "
                 "standard input; EVENT is boot, freeze, thaw, stop or destroy")
      ->check(CLI::ExistingFile)
      ->group(hook);
  app.add_option("--hook-limit", settings.hook_limit, "hooks at a time, one per server at most")
      ->check(CLI::Range(1, 64))
      ->capture_default_str()
      ->group(hook);
  add_duration(app, "--hook-timeout", settings.hook_timeout,
               "after which a hook is killed and has failed (default 120 s)")
      ->group(hook);
  app.add_flag("--destroy-on-exit", options.destroy_on_exit,
               "at the end run the destroy hook for every server that was booted")
      ->group(hook);
}

void fill_defaults(Settings& settings) {
  if (settings.flavors.empty())
    settings.flavors = {
        {"m1.small", 1, 2048, 20}, {"m1.medium", 2, 4096, 40}, {"m1.large", 4, 8192, 80}};
  if (settings.networks.empty())
    settings.networks.push_back({"hpc", "demo", *parse_block("10.20.0.0/20"), false});
  if (settings.images.empty()) settings.images.push_back("rocky9-slurm");
}

}  // namespace

std::optional<int> read_options(int argc, char** argv, Options& options) {
  CLI::App app{
      "A cloud for tests: speaks enough of OpenStack's Keystone, Nova, Neutron, Glance and "
      "Placement\nfor tidepool and the openstack command. Runs in the foreground until SIGTERM or "
      "SIGINT."};
  app.name("tidepool-sim");
  app.set_version_flag("--version", TIDEPOOL_VERSION);
  app.add_option("--listen", options.settings.listen, "address to listen on")
      ->capture_default_str();
  app.add_option("--port", options.port, "port of the API; 0 picks a free one")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  app.add_option("--control-port", options.control_port,
                 "port where /_sim/ answers even while the API is out; 0 picks a free one")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  app.add_option("--threads", options.threads, "requests and idle connections at a time")
      ->check(CLI::Range(4, 2000))
      ->capture_default_str();
  app.add_option("--state-dir", options.state_dir,
                 "folder for clouds.yaml, sim.pid and sim.json (default: a new one in TMPDIR)");
  add_cloud_options(app, options.settings);
  add_behaviour_options(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  fill_defaults(options.settings);
  return std::nullopt;
}

}  // namespace tidepool::sim
