#include "setup.hpp"

#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace tidepool {
namespace {

// The state folder belongs to SlurmUser. Root would leave files in it that SlurmUser cannot write,
// and has no need of root's rights: root becomes the folder's owner.
Result<void> become_owner(const std::filesystem::path& dir, OwnRights* keep) {
  if (::geteuid() != 0) return {};
  struct stat st {};
  if (::stat(dir.c_str(), &st) != 0 || st.st_uid == 0) return {};
  if (keep != nullptr) *keep = {true, st.st_uid, st.st_gid};
  // Kept in the saved ids only, which a program that is started does not inherit.
  const gid_t saved_group = keep != nullptr ? 0 : st.st_gid;
  const uid_t saved_user = keep != nullptr ? 0 : st.st_uid;
  if (::setgroups(1, &st.st_gid) != 0 || ::setresgid(st.st_gid, st.st_gid, saved_group) != 0 ||
      ::setresuid(st.st_uid, st.st_uid, saved_user) != 0)
    return fail(ErrorKind::io, fmt::format("cannot become the owner of {}: {}", dir.string(),
                                           std::strerror(errno)));
  return {};
}

Result<LogSettings> log_settings(const std::string& program, const CommonOptions& options,
                                 const LogSection& section) {
  LogSettings settings;
  settings.program = program;
  settings.level = section.level;
  settings.format = section.format;
  settings.file = section.file;
  settings.syslog = section.syslog;
  settings.standard_error = options.log_to_stderr;
  if (!options.log_format.empty()) {
    auto format = parse_log_format(options.log_format);
    if (!format) return tl::unexpected(format.error());
    settings.format = *format;
  }
  if (!options.log_level.empty()) {
    auto level = parse_log_level(options.log_level);
    if (!level) return tl::unexpected(level.error());
    settings.level = *level;
  }
  return settings;
}

}  // namespace

void OwnRights::use(bool own) const {
  if (!kept) return;
  const bool done = own ? ::setresuid(0, 0, 0) == 0 && ::setresgid(0, 0, 0) == 0
                        : ::setresgid(gid, gid, 0) == 0 && ::setresuid(uid, uid, 0) == 0;
  // Going on with other rights than one thinks is worse than to end.
  if (!done) std::abort();
}

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  };
}

std::filesystem::path config_path(const CommonOptions& options) {
  if (!options.config.empty()) return options.config;
  if (const auto named = process_environment()("TIDEPOOL_CONFIG"); named && !named->empty())
    return *named;
  return kDefaultConfig;
}

void complain(const std::string& program, const std::string& message) {
  // Not fmt::print: it throws when nothing can be written, and slurmctld's hooks have no stderr.
  std::fputs(fmt::format("{}: {}\n", program, message).c_str(), stderr);
}

int exit_code_of(const Error& error) {
  switch (error.kind) {
    case ErrorKind::invalid:
      return kConfig;
    case ErrorKind::auth:
    case ErrorKind::unreachable:
    case ErrorKind::timeout:
    case ErrorKind::throttled:
    case ErrorKind::server_error:
      return kCloud;
    case ErrorKind::disk_full:
    case ErrorKind::io:
      return kStore;
    default:
      return kFailed;
  }
}

tl::expected<Setup, int> set_up(const std::string& program, const CommonOptions& options,
                                bool open_store, bool keep_rights) {
  OwnRights rights;
  auto pools = load_pool_file(config_path(options));
  if (!pools) {
    complain(program, pools.error().message);
    return tl::unexpected<int>(kConfig);
  }
  if (auto owner = become_owner(pools->state.dir, keep_rights ? &rights : nullptr); !owner) {
    complain(program, owner.error().message);
    return tl::unexpected<int>(kStore);
  }
  auto log = log_settings(program, options, pools->log);
  if (!log) {
    complain(program, log.error().message);
    return tl::unexpected<int>(kUsage);
  }
  // Without a log file there are still the other sinks: a hook must not fail for that.
  if (auto started = start_log(*log); !started) complain(program, started.error().message);
  Setup setup{std::move(*pools), std::nullopt, rights};
  if (open_store) {
    auto store = Store::open(setup.pools.state.dir, setup.pools.cluster);
    if (!store) {
      complain(program, store.error().message);
      log_error(LogLevel::error, "the store cannot be used", store.error());
      return tl::unexpected<int>(kStore);
    }
    setup.store.emplace(std::move(*store));
  }
  return setup;
}

}  // namespace tidepool
