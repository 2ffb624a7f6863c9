// One line per event, for people or machines, to syslog, a file, or standard error.
#pragma once

#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"

namespace tidepool {

enum class LogLevel { debug, info, warning, error };
enum class LogFormat { text, json };

struct LogSettings {
  std::string program = "tidepool";
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::text;
  bool syslog = false;  // syslog(3); journald reads it too
  bool standard_error = false;
  std::filesystem::path file;  // empty: none; made 0640, appended
};

Result<LogLevel> parse_log_level(std::string_view word);
Result<LogFormat> parse_log_format(std::string_view word);

// Sets the process's one log up. Before it, lines of level warning and above go to standard error.
// A log file that cannot be opened is an error, but the other sinks work all the same.
Result<void> start_log(const LogSettings& settings);

using LogField = std::pair<std::string_view, std::string>;
// log_event(LogLevel::info, "server created", {{"node", "osg-001"}, {"server", id}});
// text: `server created node=osg-001 server=…`; json: {"time":…,"level":…,"event":…,"node":…}.
// Empty field values are left out.
void log_event(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});
// The same with the error's kind, message and request id as fields.
void log_error(LogLevel level, std::string_view event, const Error& error,
               std::initializer_list<LogField> fields = {});

}  // namespace tidepool
