// expand_hostlist() against the real `scontrol show hostnames`.
#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>

#include "base/hostlist.hpp"

namespace tidepool {
namespace {

using Names = std::vector<std::string>;

class HostlistOracle : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("command -v scontrol >/dev/null") != 0) GTEST_SKIP() << "no scontrol here";
    char name[] = "/tmp/hostlist-XXXXXX";
    folder_ = ::mkdtemp(name);
    // scontrol reads a slurm.conf whatever it is asked.
    std::ofstream(folder_ / "slurm.conf")
        << "ClusterName=oracle\nSlurmctldHost=localhost\nNodeName=n1\n";
    ::setenv("SLURM_CONF", (folder_ / "slurm.conf").c_str(), 1);
  }
  void TearDown() override {
    ::unsetenv("SLURM_CONF");
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }
  // nullopt: refused. Only texts of this file are asked, none has a quote.
  static std::optional<Names> ask(const std::string& text) {
    FILE* pipe = ::popen(("scontrol show hostnames '" + text + "' 2>/dev/null").c_str(), "r");
    if (pipe == nullptr) return std::nullopt;
    Names names;
    char line[512];
    while (std::fgets(line, sizeof line, pipe) != nullptr) {
      names.emplace_back(line);
      while (!names.back().empty() && names.back().back() == '\n') names.back().pop_back();
    }
    const int status = ::pclose(pipe);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return std::nullopt;
    return names;
  }
  std::filesystem::path folder_;
};

TEST_F(HostlistOracle, ExpandsAsSlurmDoes) {
  for (const char* text :
       {"osg-[001-003,007],gpu1", "r[1-2]n[1-3]", "n[08-10]", "n[8-010]", "n[099-101]", "n[9-11]",
        "n[00-3]", "n[001-01]", "n[5,3,3]", "10.0.0.[1-3]", "n[1-2][3-4]", "n1,n01,n1", "single",
        "a-b-[1-2],c_d[3]"}) {
    const auto slurm = ask(text);
    ASSERT_TRUE(slurm) << text;
    const auto ours = expand_hostlist(text);
    ASSERT_TRUE(ours) << text << ": " << ours.error().message;
    EXPECT_EQ(*ours, *slurm) << text;
  }
}

TEST_F(HostlistOracle, RefusesWhatSlurmRefuses) {
  for (const char* text : {"n[3-1]", "n[]", "n[1,]", "n[a-c]", "n[1-2]]", "n[0-100000000]"}) {
    const auto slurm = ask(text);
    // 24.11 takes the superfluous bracket for a part of the names: refused here all the same, for
    // no node can have such a name.
    EXPECT_TRUE(!slurm || slurm->empty() || slurm->front().find(']') != std::string::npos) << text;
    EXPECT_FALSE(expand_hostlist(text)) << text;
  }
}

TEST_F(HostlistOracle, SlurmReadsWhatWeFormat) {
  const Names names{"n8", "n09", "n10", "n11", "osg-001", "osg-002", "r1n1", "r1n2"};
  const auto text = format_hostlist(names);
  const auto slurm = ask(text);
  ASSERT_TRUE(slurm) << text;
  EXPECT_EQ(*slurm, names) << text;
}

}  // namespace
}  // namespace tidepool
