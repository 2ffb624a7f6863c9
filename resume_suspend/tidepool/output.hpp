// How commands print: tables that line up, JSON for machines, progress on a terminal.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace tidepool {

// Columns as wide as their widest cell; the last one is not padded. Prints to standard output.
void print_table(const std::vector<std::string>& head,
                 const std::vector<std::vector<std::string>>& rows);

// A line on standard error that replaces itself; silent when that is no terminal, and for the
// first second.
class Progress {
 public:
  Progress();
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  void show(const std::string& text);

 private:
  bool terminal_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point began_;
};

}  // namespace tidepool
