#include "slurm/job_spec.hpp"

#include <gtest/gtest.h>

namespace tidepool::slurm {
namespace {

std::string parsed(std::string_view text) {
  const auto specs = parse_job_specs(text);
  if (!specs) return specs.error().message;
  std::string all;
  for (const auto& spec : *specs) all += (all.empty() ? "" : " ") + spec.str();
  return all;
}

TEST(JobSpec, IsReadAsPeopleWriteIt) {
  EXPECT_EQ(parsed("12"), "12");
  EXPECT_EQ(parsed("12,13"), "12 13");
  EXPECT_EQ(parsed("12_3"), "12_3");
  EXPECT_EQ(parsed("12_0"), "12_0");
  EXPECT_EQ(parsed("7,12_[1-3,7],9"), "7 12_1 12_2 12_3 12_7 9");
}

TEST(JobSpec, RefusesWhatIsNone) {
  for (const char* text :
       {"", ",", "12,", "x", "12x", "-1", "0", " 12", "12_", "12_x", "12_[", "12_[]", "12_[3-1]",
        "12_[a]", "12_[1-3]x", "99999999999", "12_[1-999999]"}) {
    const auto specs = parse_job_specs(text);
    ASSERT_FALSE(specs) << text;
    EXPECT_EQ(specs.error().kind, ErrorKind::invalid);
    EXPECT_NE(specs.error().message.find("no job id"), std::string::npos) << specs.error().message;
  }
  EXPECT_NE(parsed("12+1").find("held whole"), std::string::npos) << parsed("12+1");
  std::string many = "1";
  for (int i = 0; i < 10'001; ++i) many += ",1";
  EXPECT_EQ(parsed(many), "more than 10000 jobs");
}

TEST(JobSpec, MatchesTasksAndComponents) {
  JobInfo plain, task, component, rest;
  plain.id = 7;
  task.id = 14;
  task.array_job_id = 12;
  task.array_task = "3";
  component.id = 21;
  component.het_job_id = 20;
  rest.id = rest.array_job_id = 12;
  rest.array_task = "8-20%4";
  EXPECT_TRUE(matches({7, ""}, plain));
  EXPECT_FALSE(matches({7, "3"}, plain));
  EXPECT_TRUE(matches({12, ""}, task));
  EXPECT_TRUE(matches({14, ""}, task));
  EXPECT_TRUE(matches({12, "3"}, task));
  EXPECT_FALSE(matches({12, "4"}, task));
  EXPECT_TRUE(matches({20, ""}, component));
  EXPECT_TRUE(matches({21, ""}, component));
  EXPECT_FALSE(matches({22, ""}, component));
  EXPECT_TRUE(matches({12, ""}, rest));
  EXPECT_FALSE(matches({12, "9"}, rest));
  EXPECT_EQ(name_of(plain), "7");
  EXPECT_EQ(name_of(task), "12_3");
}

}  // namespace
}  // namespace tidepool::slurm
