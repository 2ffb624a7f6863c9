// The result of a probe on disk: JSON, 0600, in the state folder. Holds consult it (judge() in
// probe_verdict.hpp says what it means), `tidepool check` compares the pool file with it.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "work/probe_report.hpp"

namespace tidepool {

// probe-POOL.json; without a pool, probe.json: the cloud as a whole.
std::filesystem::path probe_file(const std::filesystem::path& state_dir, const std::string& pool);

// `whole`: nobody named a pool, the result stands for the cloud.
Result<void> save_probe(const std::filesystem::path& state_dir, const ProbeReport& report,
                        bool whole);
// What is known for a pool: its own probe, else the cloud's; nullopt: neither was made. An Error:
// the file cannot be read; the message names it and the fix.
Result<std::optional<ProbeReport>> load_probe(const std::filesystem::path& state_dir,
                                              const std::string& pool);

// Measurements and what they mean, for machines.
nlohmann::ordered_json probe_json(const ProbeReport& report);
Result<ProbeReport> probe_from_json(const std::string& text);

}  // namespace tidepool
