// Diagnostic: one fault in a file that a person can mend.
#pragma once

#include <string>
#include <vector>

namespace tidepool {

enum class Severity { note, warning, error };

struct Diagnostic {
  Severity severity = Severity::error;
  std::string file;
  int line = 0;      // 1-based; 0: the file as a whole
  int column = 0;    // 1-based; 0: unknown
  std::string key;   // "pools.osg.nodes"; empty: none
  std::string what;  // what is wrong
  std::string fix;   // what to do; empty: obvious
};

// "FILE:LINE:COLUMN: error: pools.osg.nodes: what; fix"
std::string to_string(const Diagnostic& diagnostic);
bool has_errors(const std::vector<Diagnostic>& diagnostics);

}  // namespace tidepool
