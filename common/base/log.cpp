#include "base/log.hpp"

#include <sys/stat.h>

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/sinks/syslog_sink.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/clock.hpp"

namespace tidepool {
namespace {

struct Log {
  std::shared_ptr<spdlog::logger> logger;
  LogFormat format = LogFormat::text;
};

Log& the_log() {
  static Log log = [] {
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    auto logger = std::make_shared<spdlog::logger>("tidepool", sink);
    logger->set_level(spdlog::level::warn);
    logger->set_pattern("tidepool: %v");
    return Log{logger, LogFormat::text};
  }();
  return log;
}

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warning:
      return "warning";
    case LogLevel::error:
      return "error";
  }
  return "info";
}

// A value with spaces or quotes is quoted; control characters cannot start a forged line.
std::string quoted(const std::string& value) {
  if (!value.empty() && value.find_first_of(" \"\\\n\r\t=") == std::string::npos) return value;
  return nlohmann::json(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void write(LogLevel level, std::string_view event, const std::vector<LogField>& fields) {
  Log& log = the_log();
  const auto spd = level_of(level);
  if (!log.logger->should_log(spd)) return;
  if (log.format == LogFormat::json) {
    nlohmann::ordered_json line{
        {"time", format_time(now())}, {"level", name_of(level)}, {"event", event}};
    for (const auto& [key, value] : fields)
      if (!value.empty()) line[std::string(key)] = value;
    log.logger->log(spd, "{}", line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    return;
  }
  std::string line(event);
  for (const auto& [key, value] : fields)
    if (!value.empty()) line += fmt::format(" {}={}", key, quoted(value));
  log.logger->log(spd, "{}", line);
}

}  // namespace

Result<LogLevel> parse_log_level(std::string_view word) {
  for (const auto level : {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error})
    if (name_of(level) == word) return level;
  return fail(ErrorKind::invalid,
              fmt::format("log level '{}': use debug, info, warning or error", word));
}

Result<LogFormat> parse_log_format(std::string_view word) {
  if (word == "text") return LogFormat::text;
  if (word == "json") return LogFormat::json;
  return fail(ErrorKind::invalid, fmt::format("log format '{}': use text or json", word));
}

Result<void> start_log(const LogSettings& settings) {
  std::vector<spdlog::sink_ptr> sinks;
  Result<void> answer;
  const bool json = settings.format == LogFormat::json;
  const std::string pattern =
      json ? "%v" : "%Y-%m-%dT%H:%M:%S.%e " + settings.program + "[%P] %l: %v";
  const auto add = [&](spdlog::sink_ptr sink, const std::string& p) {
    sink->set_pattern(p);
    sinks.push_back(std::move(sink));
  };
  try {
    if (settings.syslog)
      add(std::make_shared<spdlog::sinks::syslog_sink_mt>(settings.program, LOG_PID, LOG_DAEMON,
                                                          true),
          "%v");
    if (settings.standard_error)
      add(std::make_shared<spdlog::sinks::stderr_sink_mt>(),
          json ? "%v" : settings.program + ": %v");
    if (!settings.file.empty()) {
      const mode_t before = ::umask(0027);
      try {
        add(std::make_shared<spdlog::sinks::basic_file_sink_mt>(settings.file.string()), pattern);
      } catch (const std::exception& e) {
        answer =
            fail(ErrorKind::io, fmt::format("log file {}: {}", settings.file.string(), e.what()));
      }
      ::umask(before);
    }
    auto logger = std::make_shared<spdlog::logger>("tidepool", sinks.begin(), sinks.end());
    logger->set_level(level_of(settings.level));
    logger->flush_on(spdlog::level::debug);
    // A full disk must not turn into an exception or a storm on standard error.
    logger->set_error_handler([](const std::string&) {});
    the_log() = Log{logger, settings.format};
  } catch (const std::exception& e) {
    return fail(ErrorKind::io, fmt::format("log: {}", e.what()));
  }
  return answer;
}

void log_event(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  write(level, event, fields);
}

void log_error(LogLevel level, std::string_view event, const Error& error,
               std::initializer_list<LogField> fields) {
  std::vector<LogField> all(fields);
  all.emplace_back("kind", std::string(to_string(error.kind)));
  all.emplace_back("error", error.message);
  all.emplace_back("request_id", error.request_id);
  write(level, event, all);
}

}  // namespace tidepool
