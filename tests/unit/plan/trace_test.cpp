#include "plan/trace.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

#include "plan/figures.hpp"
#include "plan/generate.hpp"

namespace tidepool::plan {
namespace {

Trace right(const std::string& text) {
  std::vector<Diagnostic> faults;
  auto trace = read_trace(text, "t", faults);
  EXPECT_TRUE(faults.empty()) << to_string(faults[0]);
  return trace;
}
std::string fault(const std::string& text) {
  std::vector<Diagnostic> faults;
  read_trace(text, "t", faults);
  EXPECT_EQ(faults.size(), 1u) << text;
  return faults.empty() ? "" : to_string(faults[0]);
}

TEST(Swf, JobsAndTheHead) {
  const auto t = right(
      "; UnixStartTime: 1000\n; Queue: 2 osg for pilots\n;a remark\n\n"
      "2 50 -1 60 8 -1 -1 16 -1 -1 1 3 7 -1 2 -1 -1 -1\r\n"
      "1 10.5 -1 60.25 -1 -1 -1 4 -1 -1 1 -1 -1 -1 9 -1 -1 -1\n"
      "3 60 -1 -1 4 -1 -1 4 -1 -1 5 -1 -1 -1 2 -1 -1 -1\n");
  ASSERT_EQ(t.jobs.size(), 2u);
  EXPECT_EQ(t.never_ran, 1u);
  EXPECT_EQ(t.jobs[0].id, 1);
  EXPECT_EQ(t.jobs[0].submit, from_millis(1'010'500));
  EXPECT_EQ(t.jobs[0].run, Millis(60'250));
  EXPECT_EQ(t.jobs[0].cores, 4);
  EXPECT_EQ(t.name(t.jobs[0].partition), "9");
  EXPECT_EQ(t.name(t.jobs[0].account), "");
  EXPECT_EQ(t.jobs[1].cores, 8);
  EXPECT_EQ(t.name(t.jobs[1].partition), "osg");
  EXPECT_EQ(t.name(t.jobs[1].account), "7");
}

TEST(Swf, BadLines) {
  EXPECT_EQ(fault(""), "t: error: is empty; give the output of 'sacct -P', or a trace in SWF");
  EXPECT_EQ(fault("1 2 3\n"),
            "t:1: error: has 3 fields, not 18; SWF has 18 numbers in a line; -1 where nothing is "
            "known");
  EXPECT_EQ(fault("; x\n1 2 x 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18\n"),
            "t:2: error: field 3: 'x' is not a number");
  EXPECT_EQ(fault("1 -2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18\n"),
            "t:1: error: field 2: is not a time of submission");
  EXPECT_EQ(fault("1 2 3 4e300 5 6 7 8 9 10 11 12 13 14 15 16 17 18\n"),
            "t:1: error: has a number that is too large");
  EXPECT_EQ(fault("; UnixStartTime: today\n1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18\n"),
            "t:1: error: UnixStartTime: 'today' is not a time; write seconds since 1970");
  std::string many;
  for (int i = 0; i < 100; ++i) many += "1 2\n";
  std::vector<Diagnostic> faults;
  EXPECT_TRUE(read_trace(many, "t", faults).jobs.empty());
  ASSERT_EQ(faults.size(), kMostFaults + 1);
  EXPECT_EQ(to_string(faults.back()), "t: error: 80 more bad lines");
}

TEST(Sacct, JobsOfManyKinds) {
  ASSERT_EQ(::setenv("TZ", "UTC", 1), 0);
  ::tzset();
  const auto t = right(
      "JobID|Submit|Elapsed|NCPUS|NNodes|Partition|QOS|Account|State\n"
      "12|2026-01-05T10:00:00|1-02:03:04|16|2|osg|low|guest|COMPLETED\n"
      "12.batch|2026-01-05T10:00:00|01:00:00|8|1||||COMPLETED\n"
      "13_4|2026-01-05T09:00:00|00:10:00|8|1|compute,big|normal|a|FAILED\n"
      "14_[5-9]|2026-01-05T09:00:00|00:00:00|8|1|compute|normal|a|PENDING\n"
      "15+1|2026-01-05T09:30:00|00:10:00|8|None|compute|normal|a|COMPLETED\n");
  ASSERT_EQ(t.jobs.size(), 3u);
  EXPECT_EQ(t.never_ran, 1u);
  EXPECT_EQ(t.jobs[0].id, 13);
  EXPECT_EQ(t.name(t.jobs[0].partition), "compute");
  EXPECT_EQ(t.jobs[1].id, 15);
  EXPECT_EQ(t.jobs[1].nodes, 0);
  EXPECT_EQ(t.jobs[2].submit, parse_time("2026-01-05T10:00:00Z").value());
  EXPECT_EQ(t.jobs[2].run, Millis(93'784'000));
  EXPECT_EQ(t.jobs[2].cores, 16);
  EXPECT_EQ(t.jobs[2].nodes, 2);
  EXPECT_EQ(t.name(t.jobs[2].qos), "low");
  EXPECT_EQ(t.name(t.jobs[2].account), "guest");
  const auto raw = right("JobID|Submit|ElapsedRaw|AllocCPUS|Partition|\n7|1767607200|90|4|osg|\n");
  ASSERT_EQ(raw.jobs.size(), 1u);
  EXPECT_EQ(raw.jobs[0].run, Millis(90'000));
  EXPECT_EQ(raw.jobs[0].submit, from_millis(1'767'607'200'000));
  const auto ends = right(
      "JobID|Submit|Start|End|NCPUS|Partition\n"
      "7|2026-01-05T10:00:00|2026-01-05T10:01:00|2026-01-05T10:03:30|4|osg\n"
      "8|2026-01-05T10:00:00|Unknown|Unknown|4|osg\n");
  ASSERT_EQ(ends.jobs.size(), 1u);
  EXPECT_EQ(ends.jobs[0].run, Millis(150'000));
  EXPECT_EQ(ends.never_ran, 1u);
}

TEST(Sacct, BadLines) {
  EXPECT_EQ(fault("JobID|Submit|Elapsed|NCPUS\n"),
            "t:1: error: Partition: is not among the fields; ask: sacct -aXP -o "
            "JobID,Submit,ElapsedRaw,NCPUS,NNodes,Partition,QOS,Account");
  const std::string head = "JobID|Submit|Elapsed|NCPUS|Partition\n";
  EXPECT_EQ(fault(head + "7|2026-01-05T10:00:00|00:10:00|4\n"),
            "t:2: error: has 4 fields, the head has 5");
  EXPECT_EQ(fault(head + "x|2026-01-05T10:00:00|00:10:00|4|p\n"),
            "t:2: error: JobID: 'x' is not a job's number");
  EXPECT_EQ(fault(head + "7|yesterday|00:10:00|4|p\n"),
            "t:2: error: Submit: 'yesterday' is not a time");
  EXPECT_EQ(fault(head + "7|2026-01-05T10:00:00|10|4|p\n"),
            "t:2: error: Elapsed: '10' is not a time like 1-02:03:04");
  EXPECT_EQ(fault(head + "\n7|2026-01-05T10:00:00|00:10:00|four|p\n"),
            "t:3: error: NCPUS: 'four' is not a number of cores");
}

TEST(Generate, TheSameOptionsGiveTheSameBytes) {
  GenerateOptions o;
  o.days = 28, o.nodes = 100;
  const auto text = generate_trace(o);
  EXPECT_EQ(text, generate_trace(o));
  o.seed = 2;
  EXPECT_NE(text, generate_trace(o));
  o.seed = 1;
  const auto t = right(text);
  // The loads that were asked for, within what a few weeks of a heavy tail allow.
  double normal = 0, pilots = 0;
  for (const auto& job : t.jobs)
    (t.name(job.partition) == "osg" ? pilots : normal) +=
        static_cast<double>(job.run.count()) / 1000 * job.cores;
  const double all = 28.0 * 86'400 * 100 * 8;
  EXPECT_NEAR(normal / all, 0.6, 0.12);
  EXPECT_NEAR(pilots / all, 0.35, 0.04);
}

TEST(Figures, SpreadsByTheNearestRank) {
  EXPECT_EQ(spread_of({}), Spread{});
  EXPECT_EQ(spread_of({Millis(7)}), (Spread{Millis(7), Millis(7), Millis(7), Millis(7)}));
  std::vector<Millis> hundred;
  for (int i = 100; i > 0; --i) hundred.emplace_back(i);
  EXPECT_EQ(spread_of(hundred), (Spread{Millis(50), Millis(50), Millis(95), Millis(100)}));
}

}  // namespace
}  // namespace tidepool::plan
