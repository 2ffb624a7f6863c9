// What scontrol 22.05.8 prints, word for word.
#include <gtest/gtest.h>

#include "slurm/job.hpp"

namespace tidepool::slurm {
namespace {

constexpr const char* kNamed =
    "JobId=1 JobName=a b=c State=x UserId=root(0) GroupId=root(0) MCS_label=N/A Priority=0 "
    "Nice=0 Account=(null) QOS=(null) JobState=SUSPENDED Reason=None Dependency=(null) "
    "Requeue=1 Restarts=0 BatchFlag=1 Reboot=0 ExitCode=0:0 RunTime=00:00:34 "
    "TimeLimit=365-00:00:00 TimeMin=N/A SubmitTime=2026-11-30T10:47:02 "
    "EligibleTime=2026-11-30T10:47:02 AccrueTime=2026-11-30T10:47:02 "
    "StartTime=2026-11-30T10:47:13 EndTime=2027-11-30T10:47:13 Deadline=N/A "
    "SuspendTime=2026-11-30T10:47:47 SecsPreSuspend=34 LastSchedEval=2026-11-30T10:47:03 "
    "Scheduler=Backfill Partition=osg AllocNode:Sid=login:15271 ReqNodeList=osg-001 "
    "ExcNodeList=(null) NodeList=osg-001 BatchHost=osg-001 NumNodes=1 NumCPUs=1 NumTasks=1 "
    "CPUs/Task=1 ReqB:S:C:T=0:0:*:* TRES=cpu=1,node=1,billing=1 Socks/Node=* "
    "NtasksPerN:B:S:C=0:0:*:* CoreSpec=* MinCPUsNode=1 MinMemoryNode=0 MinTmpDiskNode=0 "
    "Features=(null) DelayBoot=00:00:00 OverSubscribe=OK Contiguous=0 Licenses=(null) "
    "Network=(null) Command=(null) WorkDir=/tmp AdminComment=tidepool: held by x Reason=y  "
    "Comment=my words JobState=DONE and more  StdErr=/dev/null StdIn=/dev/null "
    "StdOut=/dev/null Power= \n";
constexpr const char* kTwoNodes =
    "JobId=2 JobName=wrap UserId=root(0) GroupId=root(0) MCS_label=N/A Priority=4294901758 "
    "Nice=0 Account=(null) QOS=(null) JobState=RUNNING Reason=None Dependency=(null) "
    "Requeue=1 Restarts=0 BatchFlag=1 Reboot=0 ExitCode=0:0 RunTime=00:00:35 "
    "TimeLimit=365-00:00:00 TimeMin=N/A SubmitTime=2026-11-30T10:47:02 "
    "EligibleTime=2026-11-30T10:47:02 AccrueTime=2026-11-30T10:47:02 "
    "StartTime=2026-11-30T10:47:13 EndTime=2027-11-30T10:47:13 Deadline=N/A SuspendTime=None "
    "SecsPreSuspend=0 LastSchedEval=2026-11-30T10:47:03 Scheduler=Backfill Partition=osg "
    "AllocNode:Sid=login:15271 ReqNodeList=osg-[002-003] ExcNodeList=(null) "
    "NodeList=osg-[002-003] BatchHost=osg-002 NumNodes=2 NumCPUs=2 NumTasks=2 CPUs/Task=1 "
    "ReqB:S:C:T=0:0:*:* TRES=cpu=2,node=2,billing=2 Socks/Node=* NtasksPerN:B:S:C=0:0:*:* "
    "CoreSpec=* MinCPUsNode=1 MinMemoryNode=0 MinTmpDiskNode=0 Features=(null) "
    "DelayBoot=00:00:00 OverSubscribe=OK Contiguous=0 Licenses=(null) Network=(null) "
    "Command=(null) WorkDir=/tmp StdErr=/dev/null StdIn=/dev/null StdOut=/dev/null Power= \n";
constexpr const char* kTask =
    "JobId=8 ArrayJobId=3 ArrayTaskId=1 ArrayTaskThrottle=1 JobName=wrap UserId=root(0) "
    "GroupId=root(0) MCS_label=N/A Priority=4294901757 Nice=0 Account=(null) QOS=(null) "
    "JobState=RUNNING Reason=None Dependency=(null) Requeue=0 Restarts=0 BatchFlag=1 "
    "Reboot=0 ExitCode=0:0 RunTime=00:00:35 TimeLimit=365-00:00:00 TimeMin=N/A "
    "SubmitTime=2026-11-30T10:47:02 EligibleTime=2026-11-30T10:47:03 AccrueTime=Unknown "
    "StartTime=2026-11-30T10:47:13 EndTime=2027-11-30T10:47:13 Deadline=N/A SuspendTime=None "
    "SecsPreSuspend=0 LastSchedEval=2026-11-30T10:47:03 Scheduler=Backfill Partition=osg "
    "AllocNode:Sid=login:15271 ReqNodeList=osg-004 ExcNodeList=(null) NodeList=osg-004 "
    "BatchHost=osg-004 NumNodes=1 NumCPUs=1 NumTasks=1 CPUs/Task=1 ReqB:S:C:T=0:0:*:* "
    "TRES=cpu=1,node=1,billing=1 Socks/Node=* NtasksPerN:B:S:C=0:0:*:* CoreSpec=* "
    "MinCPUsNode=1 MinMemoryNode=0 MinTmpDiskNode=0 Features=(null) DelayBoot=00:00:00 "
    "OverSubscribe=OK Contiguous=0 Licenses=(null) Network=(null) Command=(null) "
    "WorkDir=/tmp StdErr=/dev/null StdIn=/dev/null StdOut=/dev/null Power= \n";
constexpr const char* kLeader =
    "JobId=4 HetJobId=4 HetJobOffset=0 JobName=wrap HetJobIdSet=4-5 UserId=root(0) "
    "GroupId=root(0) MCS_label=N/A Priority=4294901756 Nice=0 Account=(null) QOS=(null) "
    "JobState=RUNNING Reason=None Dependency=(null) Requeue=1 Restarts=0 BatchFlag=1 "
    "Reboot=0 ExitCode=0:0 RunTime=00:00:35 TimeLimit=UNLIMITED TimeMin=N/A "
    "SubmitTime=2026-11-30T10:47:02 EligibleTime=2026-11-30T10:47:02 "
    "AccrueTime=2026-11-30T10:47:02 StartTime=2026-11-30T10:47:13 EndTime=Unknown "
    "Deadline=N/A SuspendTime=None SecsPreSuspend=0 LastSchedEval=2026-11-30T10:47:03 "
    "Scheduler=Backfill Partition=osg AllocNode:Sid=login:15271 ReqNodeList=osg-005 "
    "ExcNodeList=osg-006 NodeList=osg-005 BatchHost=osg-005 NumNodes=1 NumCPUs=1 NumTasks=1 "
    "CPUs/Task=1 ReqB:S:C:T=0:0:*:* TRES=cpu=1,node=1,billing=1 Socks/Node=* "
    "NtasksPerN:B:S:C=0:0:*:* CoreSpec=* MinCPUsNode=1 MinMemoryNode=0 MinTmpDiskNode=0 "
    "Features=(null) DelayBoot=00:00:00 OverSubscribe=OK Contiguous=0 Licenses=(null) "
    "Network=(null) Command=(null) WorkDir=/tmp StdErr=/dev/null StdIn=/dev/null "
    "StdOut=/dev/null Power= \n";
constexpr const char* kComponent =
    "JobId=5 HetJobId=4 HetJobOffset=1 JobName=wrap HetJobIdSet=4-5 UserId=root(0) "
    "GroupId=root(0) MCS_label=N/A Priority=4294901755 Nice=0 Account=(null) QOS=(null) "
    "JobState=RUNNING Reason=None Dependency=(null) Requeue=1 Restarts=0 BatchFlag=1 "
    "Reboot=0 ExitCode=0:0 RunTime=00:00:35 TimeLimit=UNLIMITED TimeMin=N/A "
    "SubmitTime=2026-11-30T10:47:02 EligibleTime=2026-11-30T10:47:02 "
    "AccrueTime=2026-11-30T10:47:02 StartTime=2026-11-30T10:47:13 EndTime=Unknown "
    "Deadline=N/A SuspendTime=None SecsPreSuspend=0 LastSchedEval=2026-11-30T10:47:03 "
    "Scheduler=Backfill Partition=osg AllocNode:Sid=login:15271 ReqNodeList=osg-006 "
    "ExcNodeList=osg-005 NodeList=osg-006 BatchHost=osg-006 NumNodes=1 NumCPUs=1 NumTasks=1 "
    "CPUs/Task=1 ReqB:S:C:T=0:0:*:* TRES=cpu=1,node=1,billing=1 Socks/Node=* "
    "NtasksPerN:B:S:C=0:0:*:* CoreSpec=* MinCPUsNode=1 MinMemoryNode=0 MinTmpDiskNode=0 "
    "Features=(null) DelayBoot=00:00:00 OverSubscribe=OK Contiguous=0 Licenses=(null) "
    "Network=(null) Command=(null) WorkDir=/tmp StdErr=/dev/null StdIn=/dev/null "
    "StdOut=/dev/null Power= \n";
constexpr const char* kWaiting =
    "JobId=6 JobName=wrap UserId=root(0) GroupId=root(0) MCS_label=N/A Priority=4294901754 "
    "Nice=0 Account=(null) QOS=(null) JobState=PENDING Reason=Dependency "
    "Dependency=afterok:1(unfulfilled) Requeue=1 Restarts=0 BatchFlag=1 Reboot=0 "
    "ExitCode=0:0 RunTime=00:00:00 TimeLimit=UNLIMITED TimeMin=N/A "
    "SubmitTime=2026-11-30T10:47:02 EligibleTime=Unknown AccrueTime=Unknown "
    "StartTime=Unknown EndTime=Unknown Deadline=N/A SuspendTime=None SecsPreSuspend=0 "
    "LastSchedEval=2026-11-30T10:47:02 Scheduler=Main Partition=compute "
    "AllocNode:Sid=login:15271 ReqNodeList=(null) ExcNodeList=(null) NodeList= NumNodes=1-1 "
    "NumCPUs=1 NumTasks=1 CPUs/Task=1 ReqB:S:C:T=0:0:*:* "
    "TRES=cpu=1,mem=1000M,node=1,billing=1 Socks/Node=* NtasksPerN:B:S:C=0:0:*:* CoreSpec=* "
    "MinCPUsNode=1 MinMemoryNode=0 MinTmpDiskNode=0 Features=(null) DelayBoot=00:00:00 "
    "OverSubscribe=OK Contiguous=0 Licenses=(null) Network=(null) Command=(null) "
    "WorkDir=/tmp StdErr=/dev/null StdIn=/dev/null StdOut=/dev/null Power= \n";
constexpr const char* kSrun =
    "JobId=7 JobName=sleep UserId=root(0) GroupId=root(0) MCS_label=N/A Priority=4294901753 "
    "Nice=0 Account=(null) QOS=(null) JobState=RUNNING Reason=None Dependency=(null) "
    "Requeue=1 Restarts=0 BatchFlag=0 Reboot=0 ExitCode=0:0 RunTime=00:00:43 "
    "TimeLimit=365-00:00:00 TimeMin=N/A SubmitTime=2026-11-30T10:47:02 "
    "EligibleTime=2026-11-30T10:47:02 AccrueTime=2026-11-30T10:47:02 "
    "StartTime=2026-11-30T10:47:05 EndTime=2027-11-30T10:47:05 Deadline=N/A SuspendTime=None "
    "SecsPreSuspend=0 LastSchedEval=2026-11-30T10:47:03 Scheduler=Backfill Partition=compute "
    "AllocNode:Sid=login:15271 ReqNodeList=compute-01 ExcNodeList=(null) NodeList=compute-01 "
    "BatchHost=compute-01 NumNodes=1 NumCPUs=1 NumTasks=1 CPUs/Task=1 ReqB:S:C:T=0:0:*:* "
    "TRES=cpu=1,node=1,billing=1 Socks/Node=* NtasksPerN:B:S:C=0:0:*:* CoreSpec=* "
    "MinCPUsNode=1 MinMemoryNode=0 MinTmpDiskNode=0 Features=(null) DelayBoot=00:00:00 "
    "OverSubscribe=OK Contiguous=0 Licenses=(null) Network=(null) Command=sleep WorkDir=/tmp "
    "Power= \n";
constexpr const char* kArray =
    "JobId=3 ArrayJobId=3 ArrayTaskId=2-8%1 ArrayTaskThrottle=1 JobName=wrap UserId=root(0) "
    "GroupId=root(0) MCS_label=N/A Priority=4294901757 Nice=0 Account=(null) QOS=(null) "
    "JobState=PENDING Reason=JobArrayTaskLimit Dependency=(null) Requeue=0 Restarts=0 "
    "BatchFlag=1 Reboot=0 ExitCode=0:0 RunTime=00:00:00 TimeLimit=UNLIMITED TimeMin=N/A "
    "SubmitTime=2026-11-30T10:47:02 EligibleTime=Unknown AccrueTime=Unknown "
    "StartTime=Unknown EndTime=Unknown Deadline=N/A SuspendTime=None SecsPreSuspend=0 "
    "LastSchedEval=2026-11-30T10:47:03 Scheduler=Main Partition=osg "
    "AllocNode:Sid=login:15271 ReqNodeList=osg-004 ExcNodeList=(null) NodeList= NumNodes=1 "
    "NumCPUs=1 NumTasks=1 CPUs/Task=1 ReqB:S:C:T=0:0:*:* "
    "TRES=cpu=1,mem=1000M,node=1,billing=1 Socks/Node=* NtasksPerN:B:S:C=0:0:*:* CoreSpec=* "
    "MinCPUsNode=1 MinMemoryNode=0 MinTmpDiskNode=0 Features=(null) DelayBoot=00:00:00 "
    "OverSubscribe=OK Contiguous=0 Licenses=(null) Network=(null) Command=(null) "
    "WorkDir=/tmp StdErr=/dev/null StdIn=/dev/null StdOut=/dev/null Power= \n";
// A name that ends its line and forges another job's.
constexpr const char* kForger =
    "JobId=9 JobName=a\n"
    "JobId=2 JobName=x UserId=root(0) JobState=CANCELLED UserId=root(0) GroupId=root(0) "
    "MCS_label=N/A Priority=0 Nice=0 Account=(null) QOS=(null) JobState=PENDING "
    "Reason=JobHeldUser Dependency=(null) Requeue=1 Restarts=0 BatchFlag=1 Reboot=0 "
    "ExitCode=0:0 RunTime=00:00:00 TimeLimit=UNLIMITED TimeMin=N/A "
    "SubmitTime=2026-11-30T10:48:55 EligibleTime=Unknown AccrueTime=Unknown "
    "StartTime=Unknown EndTime=Unknown Deadline=N/A SuspendTime=None SecsPreSuspend=0 "
    "LastSchedEval=2026-11-30T10:48:55 Scheduler=Main Partition=compute "
    "AllocNode:Sid=login:15271 ReqNodeList=(null) ExcNodeList=(null) NodeList= NumNodes=1 "
    "NumCPUs=1 NumTasks=1 CPUs/Task=1 ReqB:S:C:T=0:0:*:* "
    "TRES=cpu=1,mem=1000M,node=1,billing=1 Socks/Node=* NtasksPerN:B:S:C=0:0:*:* CoreSpec=* "
    "MinCPUsNode=1 MinMemoryNode=0 MinTmpDiskNode=0 Features=(null) DelayBoot=00:00:00 "
    "OverSubscribe=OK Contiguous=0 Licenses=(null) Network=(null) Command=(null) "
    "WorkDir=/tmp Comment=com\n"
    "ment  StdErr=/dev/null StdIn=/dev/null StdOut=/dev/null Power= \n";

using Names = std::vector<std::string>;

JobInfo only(const char* text) {
  const auto jobs = parse_jobs(text);
  EXPECT_EQ(jobs.size(), 1u);
  return jobs.empty() ? JobInfo{} : jobs.front();
}

TEST(ParseJobsTest, ASuspendedJobWithWordsInIt) {
  const auto job = only(kNamed);
  EXPECT_EQ(job.id, 1);
  EXPECT_EQ(job.name, "a b=c State=x");
  EXPECT_EQ(job.user, "root");
  EXPECT_EQ(job.state, "SUSPENDED");
  EXPECT_EQ(job.reason, "");
  EXPECT_EQ(job.nodes, Names{"osg-001"});
  EXPECT_EQ(job.batch_host, "osg-001");
  EXPECT_EQ(job.admin_comment, "tidepool: held by x Reason=y");
  EXPECT_EQ(job.partition, "osg");
  EXPECT_EQ(job.account, "");
  EXPECT_EQ(job.priority, 0);
  EXPECT_EQ(job.cpus, 1);
  EXPECT_TRUE(job.requeueable);
  EXPECT_EQ(job.run_time_s, 34);
  EXPECT_GT(job.start_time_s, 0);
  EXPECT_EQ(scontrol_id(job), "1");
}

TEST(ParseJobsTest, TwoNodesAndNoComment) {
  const auto job = only(kTwoNodes);
  EXPECT_EQ(job.nodes, (Names{"osg-002", "osg-003"}));
  EXPECT_EQ(job.state, "RUNNING");
  EXPECT_EQ(job.admin_comment, "");
  EXPECT_EQ(job.cpus, 2);
}

// The bare id of an array's last task is the array's: scontrol would act on all its tasks.
TEST(ParseJobsTest, ATaskOfAnArray) {
  const auto task = only(kTask);
  EXPECT_EQ(task.id, 8);
  EXPECT_EQ(task.array_job_id, 3);
  EXPECT_EQ(task.array_task, "1");
  EXPECT_EQ(task.name, "wrap");
  EXPECT_FALSE(task.requeueable);
  EXPECT_EQ(scontrol_id(task), "3_1");
  const auto rest = only(kArray);
  EXPECT_EQ(rest.array_task, "2-8%1");
  EXPECT_EQ(rest.state, "PENDING");
  EXPECT_EQ(rest.reason, "JobArrayTaskLimit");
  EXPECT_TRUE(rest.nodes.empty());
  EXPECT_EQ(scontrol_id(rest), "3");
}

TEST(ParseJobsTest, AHeterogeneousJob) {
  EXPECT_EQ(only(kLeader).het_job_id, 4);
  const auto component = only(kComponent);
  EXPECT_EQ(component.id, 5);
  EXPECT_EQ(component.het_job_id, 4);
  EXPECT_EQ(component.nodes, Names{"osg-006"});
}

TEST(ParseJobsTest, WaitingAndInteractive) {
  const auto waiting = only(kWaiting);
  EXPECT_EQ(waiting.state, "PENDING");
  EXPECT_EQ(waiting.reason, "Dependency");
  EXPECT_TRUE(waiting.nodes.empty());
  EXPECT_EQ(waiting.start_time_s, 0);
  const auto srun = only(kSrun);
  EXPECT_EQ(srun.batch_host, "") << "scontrol names one, but it is no batch job";
  EXPECT_EQ(srun.nodes, Names{"compute-01"});
}

TEST(ParseJobsTest, AllOfThem) {
  const auto all = parse_jobs(std::string(kNamed) + kTwoNodes + kTask + kLeader + kComponent +
                              kWaiting + kSrun + kArray);
  EXPECT_EQ(all.size(), 8u);
}

TEST(ParseJobsTest, AForgedLineMakesBothDoubtful) {
  std::set<std::int64_t> doubtful;
  const auto jobs = parse_jobs(std::string(kTwoNodes) + kForger, &doubtful);
  ASSERT_FALSE(jobs.empty());
  EXPECT_EQ(jobs[0].id, 2);
  EXPECT_EQ(jobs[0].state, "RUNNING");
  EXPECT_TRUE(doubtful.contains(2));
  EXPECT_TRUE(doubtful.contains(9));
  // Whatever came first, squeue's word counts.
  auto forged = parse_jobs(std::string(kForger) + kTwoNodes, &doubtful);
  EXPECT_TRUE(doubtful.contains(2));
  lay_safe_fields(
      "2|RUNNING|osg-[002-003]|None|root|(null)|osg|(null)\n9|PENDING||JobHeldUser|"
      "root|(null)|compute|(null)\n",
      forged);
  for (const auto& job : forged) {
    if (job.id == 2) {
      EXPECT_EQ(job.state, "RUNNING");
      EXPECT_EQ(job.nodes, (Names{"osg-002", "osg-003"}));
    }
    if (job.id == 9) {
      EXPECT_EQ(job.state, "PENDING");
      EXPECT_EQ(job.reason, "JobHeldUser");
    }
  }
}

TEST(ParseJobsTest, ANameThatForgesItsOwnLine) {
  std::string text(kTwoNodes);
  text.replace(text.find("JobName=wrap"), 12,
               "JobName=x UserId=root(0) JobState=CANCELLED NodeList=osg-009 Command=y");
  std::set<std::int64_t> doubtful;
  EXPECT_EQ(parse_jobs(text, &doubtful).size(), 1u);
  EXPECT_TRUE(doubtful.contains(2));
}

TEST(ParseJobsTest, PlainLinesAreNotDoubted) {
  std::set<std::int64_t> doubtful;
  parse_jobs(std::string(kNamed) + kTwoNodes + kTask + kArray, &doubtful);
  EXPECT_TRUE(doubtful.empty());
}

TEST(ParseJobsTest, RubbishIsNoJob) {
  EXPECT_TRUE(parse_jobs("").empty());
  EXPECT_TRUE(parse_jobs("No jobs in the system\n").empty());
  EXPECT_TRUE(parse_jobs("JobId=5").empty());
  EXPECT_TRUE(parse_jobs("JobId=-5 JobName=a UserId=b(1)").empty());
  EXPECT_TRUE(parse_jobs("JobId=99999999999999999999 JobName=a UserId=b(1)").empty());
}

}  // namespace
}  // namespace tidepool::slurm

namespace tidepool::slurm {
namespace {

TEST(ParseJobs, WhatAWaitingJobAsksFor) {
  std::string text = kTwoNodes;
  text.replace(text.find("Dependency=(null)"), 17, "Dependency=afterok:1(unfulfilled)");
  const auto jobs = parse_jobs(text);
  ASSERT_EQ(jobs.size(), 1U);
  EXPECT_EQ(jobs[0].dependency, "afterok:1(unfulfilled)");
  EXPECT_EQ(jobs[0].required_nodes, (std::vector<std::string>{"osg-002", "osg-003"}));
}

}  // namespace
}  // namespace tidepool::slurm
