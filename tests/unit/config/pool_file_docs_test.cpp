// docs/pool-file.md and the reader know the same keys; the example file is a right one.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "base/file.hpp"
#include "config/pool_file.hpp"

namespace tidepool {
namespace {

using Keys = std::vector<std::string>;

// The first column of the table below each heading.
std::map<std::string, Keys> documented() {
  const auto text = read_file(TIDEPOOL_SOURCE "/docs/pool-file.md");
  EXPECT_TRUE(text);
  std::map<std::string, Keys> all;
  std::string section = "";
  std::istringstream lines(text.value_or(""));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("## `")) section = line.substr(4, line.find('`', 4) - 4);
    if (line.starts_with("| `")) all[section].push_back(line.substr(3, line.find('`', 3) - 3));
  }
  for (auto& [name, keys] : all) std::sort(keys.begin(), keys.end());
  return all;
}

// What the reader says it knows, when asked for a key that it does not.
Keys known(const std::string& text) {
  std::vector<Diagnostic> faults;
  parse_pool_file(text, "/t.yaml", faults);
  Keys keys;
  for (const auto& fault : faults) {
    if (!fault.fix.starts_with("known keys: ")) continue;
    std::istringstream words(fault.fix.substr(12));
    for (std::string word; std::getline(words, word, ',');)
      keys.push_back(word.substr(word[0] == ' '));
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

TEST(PoolFileDocs, NameTheKeysThatTheReaderKnows) {
  const std::string x = "{xxxxxxxxxxxxxxxx: 1}";
  const std::map<std::string, std::string> ask{
      {"", x},
      {"cloud", "cloud: " + x},
      {"slurm", "slurm: " + x},
      {"state", "state: " + x},
      {"log", "log: " + x},
      {"standin", "standin: " + x},
      {"policy", "policy: " + x},
      {"reclaim", "reclaim: " + x},
      {"opportunistic", "reclaim: {opportunistic: [" + x + "]}"},
      {"headroom", "reclaim: {headroom: " + x + "}"},
      {"pools", "pools: {p: " + x + "}"},
      {"hold", "pools: {p: {hold: " + x + "}}"},
      {"guest", "pools: {p: {guest: " + x + "}}"}};
  const auto docs = documented();
  EXPECT_EQ(docs.size(), ask.size());
  for (const auto& [section, text] : ask) {
    ASSERT_TRUE(docs.contains(section)) << section;
    EXPECT_EQ(docs.at(section), known(text)) << "section '" << section << "'";
  }
}

TEST(PoolFileDocs, ExampleIsRight) {
  const auto file = load_pool_file(TIDEPOOL_SOURCE "/etc/tidepool.yaml");
  EXPECT_TRUE(file) << file.error().message;
}

}  // namespace
}  // namespace tidepool
