// Any text: refused with a line, or a slurm.conf whose partitions and nodes can be asked about.
#include "config/slurm_conf.hpp"

#include <algorithm>
#include <cctype>

#include "target.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string text(reinterpret_cast<const char*>(data), size);
  std::string low(text);
  std::transform(low.begin(), low.end(), low.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  // Include names a file to read, and a fuzzer would find devices.
  if (low.find("include") != std::string::npos) return 0;
  const auto conf = tidepool::parse_slurm_conf(text, "/fuzz.conf");
  if (!conf) {
    promise(conf.error().message.starts_with("/fuzz.conf:"), "a refusal names its line");
    return 0;
  }
  for (const auto& [name, node] : conf->nodes)
    promise(name == node.name && !node.address.empty() && node.line > 0, "a node is whole");
  for (const auto& [key, value] : conf->values) {
    promise(conf->value(key) == value, "what is there is found");
    promise(conf->places.contains(key), "a parameter has its place");
    (void)conf->seconds(key, 0);
    (void)conf->has_option(key, "x");
  }
  return 0;
}
