#include "slurm/controller.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <optional>

#include "base/hostlist.hpp"
#include "base/process.hpp"

namespace tidepool::slurm {
namespace {

// One line, printable, short enough for a node's Reason, without quotes that scontrol would eat.
std::string one_line(std::string text, std::size_t longest = 200) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '"' || c == '\'') c = ' ';
  if (text.size() > longest) text = text.substr(0, longest - 3) + "...";
  return text;
}

Error classify(const std::string& said) {
  Error error;
  error.kind = ErrorKind::io;
  for (const char* words :
       {"Unable to contact slurm controller", "Connection refused", "Socket timed out",
        "slurm_load_", "Zero Bytes were transmitted", "Protocol authentication error"})
    if (said.find(words) != std::string::npos) error.kind = ErrorKind::unreachable;
  if (said.find("Invalid node") != std::string::npos) error.kind = ErrorKind::invalid;
  error.message = one_line(said.substr(0, 400));
  return error;
}

std::string join_flat(const std::vector<std::string>& items) {
  return fmt::format("{}", fmt::join(items, ","));
}

}  // namespace

bool NodeInfo::has(std::string_view flag) const {
  return std::find(flags.begin(), flags.end(), flag) != flags.end();
}

Controller::Controller(std::filesystem::path conf, std::filesystem::path bin_dir)
    : conf_(std::move(conf)), bin_dir_(std::move(bin_dir)) {}

Task<Result<std::string>> Controller::run(std::vector<std::string> argv) {
  if (!bin_dir_.empty()) argv[0] = (bin_dir_ / argv[0]).string();
  ProcessOptions options;
  options.timeout = std::chrono::seconds(30);
  options.environment["LC_ALL"] = "C";
  options.environment["SLURM_TIME_FORMAT"] = "standard";
  if (!conf_.empty()) options.environment["SLURM_CONF"] = conf_.string();
  const std::string what = fmt::format("{} {}", argv[0], argv.size() > 1 ? argv[1] : "");
  auto output = co_await run_process(std::move(argv), options);
  if (!output) co_return fail(Error(output.error()));
  if (output->exit_code != 0) {
    Error error = classify(output->err.empty() ? output->out : output->err);
    // What it did print is of use to callers that ask for many nodes at once.
    if (error.kind != ErrorKind::unreachable && !output->out.empty()) co_return output->out;
    if (error.message.empty()) error.message = fmt::format("exit code {}", output->exit_code);
    co_return fail(std::move(error).context(what));
  }
  co_return output->out;
}

Task<Result<std::vector<NodeInfo>>> Controller::nodes(std::vector<std::string> names) {
  if (names.empty()) co_return std::vector<NodeInfo>{};
  // Argument vectors are built outside the co_await expressions: g++ 12 cannot do both at once.
  std::vector<std::string> argv{"scontrol", "-o", "show", "node",
                                format_hostlist(std::move(names))};
  auto text = co_await run(std::move(argv));
  if (!text) co_return tl::unexpected(text.error());
  co_return parse_nodes(*text);
}

Task<Result<void>> Controller::set_addresses(
    std::vector<std::pair<std::string, std::string>> pairs) {
  if (pairs.empty()) co_return Result<void>{};
  // slurmctld pairs the two lists by position after sorting the names itself (bug 15731): sort.
  std::sort(pairs.begin(), pairs.end(),
            [](const auto& a, const auto& b) { return host_less(a.first, b.first); });
  pairs.erase(std::unique(pairs.begin(), pairs.end(),
                          [](const auto& a, const auto& b) { return a.first == b.first; }),
              pairs.end());
  std::vector<std::string> names, addresses;
  for (auto& [name, address] : pairs) {
    names.push_back(name);
    addresses.push_back(address);
  }
  std::vector<std::string> argv{"scontrol", "update", "NodeName=" + join_flat(names),
                                "NodeAddr=" + join_flat(addresses)};
  auto done = co_await run(std::move(argv));
  if (!done) co_return tl::unexpected(done.error());
  co_return Result<void>{};
}

Task<Result<void>> Controller::update_each(std::vector<std::string> names,
                                           std::vector<std::string> settings) {
  if (names.empty()) co_return Result<void>{};
  std::vector<std::string> argv{"scontrol", "update", "NodeName=" + format_hostlist(names)};
  argv.insert(argv.end(), settings.begin(), settings.end());
  auto done = co_await run(argv);
  if (done) co_return Result<void>{};
  if (names.size() == 1 || done.error().kind == ErrorKind::unreachable)
    co_return tl::unexpected(done.error());
  // slurmctld stops at the first node that it refuses: give each its own chance.
  std::optional<Error> first;
  for (const auto& name : names) {
    argv[2] = "NodeName=" + name;
    auto one = co_await run(argv);
    if (!one && !first) first = Error(one.error()).context(name);
  }
  if (first) co_return fail(std::move(*first));
  co_return Result<void>{};
}

Task<Result<void>> Controller::set_down(std::vector<std::string> names, std::string reason) {
  std::vector<std::string> settings{"State=DOWN", "Reason=" + one_line(std::move(reason))};
  co_return co_await update_each(std::move(names), std::move(settings));
}

Task<Result<void>> Controller::power_down(std::vector<std::string> names) {
  std::vector<std::string> settings{"State=POWER_DOWN"};
  co_return co_await update_each(std::move(names), std::move(settings));
}

Task<Result<void>> Controller::update(std::vector<std::string> names,
                                      std::vector<std::string> settings) {
  for (auto& setting : settings)
    setting = one_line(std::move(setting), setting.starts_with("Reason=") ? 200 : 60'000);
  co_return co_await update_each(std::move(names), std::move(settings));
}

Task<Result<void>> Controller::create(std::vector<std::pair<std::string, std::string>> nodes,
                                      std::vector<std::string> settings) {
  constexpr std::size_t kAtOnce = 500;  // an argument holds 128 KiB
  for (std::size_t from = 0; from < nodes.size(); from += kAtOnce) {
    std::vector<std::string> names, addresses;
    for (std::size_t i = from; i < std::min(nodes.size(), from + kAtOnce); ++i) {
      names.push_back(nodes[i].first);
      if (!nodes[i].second.empty()) addresses.push_back(nodes[i].second);
    }
    std::vector<std::string> argv{"scontrol", "create", "NodeName=" + join_flat(names)};
    if (!addresses.empty()) argv.push_back("NodeAddr=" + join_flat(addresses));
    argv.insert(argv.end(), settings.begin(), settings.end());
    auto done = co_await run(std::move(argv));
    if (!done) co_return tl::unexpected(done.error());
  }
  co_return Result<void>{};
}

Task<Result<void>> Controller::remove(std::vector<std::string> names) {
  if (names.empty()) co_return Result<void>{};
  std::vector<std::string> argv{"scontrol", "delete", "NodeName=" + format_hostlist(names)};
  auto done = co_await run(std::move(argv));
  if (!done) co_return tl::unexpected(done.error());
  co_return Result<void>{};
}

Task<Result<void>> Controller::reconfigure() {
  std::vector<std::string> argv{"scontrol", "reconfigure"};
  auto done = co_await run(std::move(argv));
  if (!done) co_return tl::unexpected(done.error());
  co_return Result<void>{};
}

Task<Result<void>> Controller::answers() {
  // Not `scontrol ping`: that is answered before the state has been read.
  std::vector<std::string> argv{"scontrol", "-o", "show", "partition"};
  auto said = co_await run(std::move(argv));
  if (!said) co_return tl::unexpected(said.error());
  co_return Result<void>{};
}

Task<Result<std::string>> Controller::version() {
  std::vector<std::string> argv{"scontrol", "--version"};
  auto text = co_await run(std::move(argv));
  if (!text) co_return tl::unexpected(text.error());
  std::string version = *text;  // "slurm-wlm 22.05.8"
  while (!version.empty() && version.back() <= ' ') version.pop_back();
  if (const auto space = version.rfind(' '); space != std::string::npos)
    version.erase(0, space + 1);
  co_return version;
}

}  // namespace tidepool::slurm
