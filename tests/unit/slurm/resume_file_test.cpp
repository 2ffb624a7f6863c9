#include "slurm/resume_file.hpp"

#include <gtest/gtest.h>

namespace tidepool::slurm {
namespace {

using Names = std::vector<std::string>;

TEST(ResumeFileTest, Slurm2205) {
  auto f = parse_resume_file(
      R"({"jobs":[{"job_id":7,"nodes":"osg-[002-003]"}],"all_nodes":"osg-[002-003]"})");
  ASSERT_TRUE(f) << f.error().message;
  EXPECT_EQ(f->nodes, (Names{"osg-002", "osg-003"}));
  ASSERT_EQ(f->jobs.size(), 1u);
  EXPECT_EQ(f->jobs[0].job_id, 7u);
  EXPECT_EQ(f->jobs[0].nodes, (Names{"osg-002", "osg-003"}));
}

TEST(ResumeFileTest, Slurm2302AndLater) {
  auto f = parse_resume_file(
      R"({"jobs":[{"extra":"hold=suspend","job_id":9,"features":null,"nodes_alloc":"c[5-6]",)"
      R"("nodes_resume":"c6","oversubscribe":"OK","partition":"cloud","reservation":null}],)"
      R"("all_nodes_resume":"c6"})");
  ASSERT_TRUE(f) << f.error().message;
  EXPECT_EQ(f->nodes, (Names{"c6"}));
  EXPECT_EQ(f->jobs[0].nodes, (Names{"c6"}));
  EXPECT_EQ(f->jobs[0].all_nodes, (Names{"c5", "c6"}));
  EXPECT_EQ(f->jobs[0].extra, "hold=suspend");
  EXPECT_EQ(f->jobs[0].partition, "cloud");
}

TEST(ResumeFileTest, PowerUpByHandHasNoJobs) {
  auto f = parse_resume_file(R"({"jobs":[],"all_nodes":"osg-001"})");
  ASSERT_TRUE(f);
  EXPECT_TRUE(f->jobs.empty());
  EXPECT_EQ(f->nodes, (Names{"osg-001"}));
}

TEST(ResumeFileTest, HostileInputIsRefused) {
  for (const char* text :
       {"", "[", "[]", "7", R"({"jobs":7})", R"({"jobs":[7]})", R"({"jobs":[{}]})",
        R"({"jobs":[{"job_id":-1}]})", R"({"jobs":[{"job_id":99999999999}]})",
        R"({"jobs":[{"job_id":1,"nodes":"a["}]})", R"({"all_nodes":"a[1-99999999]"})"})
    EXPECT_FALSE(parse_resume_file(text)) << text;
}

}  // namespace
}  // namespace tidepool::slurm
