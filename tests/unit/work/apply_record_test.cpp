#include "work/apply_record.hpp"

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "scratch.hpp"
#include "work/test_start.hpp"

namespace tidepool {
namespace {

TEST(ApplyRecords, SurviveTheirProcess) {
  const Scratch scratch;
  EXPECT_FALSE(load_apply(scratch.path())->has_value());
  ApplyRecord r;
  r.began = from_millis(5'000);
  r.step = ApplyStep::installing;
  r.restart = true;
  r.conf = {"/etc/slurm.conf", "old\n", "new\n", "/etc/slurm.conf.before-x"};
  r.pool = {"/etc/t.yaml", "p\n", "p\n", ""};
  r.gone = {"a1"};
  r.made = {{{{"d1", "10.0.0.7"}, {"d2", ""}}, {"CPUs=2", "State=CLOUD"}}};
  r.addresses = {{"a2", "10.0.0.2"}};
  r.queue.at = from_millis(6'000);
  ASSERT_TRUE(begin_apply(scratch.path(), r));
  r.step = ApplyStep::proving;
  r.back = true;
  r.why = "jobs would be lost: \"job 1\"";
  ASSERT_TRUE(save_apply(scratch.path(), r));
  const auto found = load_apply(scratch.path());
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_TRUE(*found);
  EXPECT_EQ((*found)->step, ApplyStep::proving);
  EXPECT_TRUE((*found)->back);
  EXPECT_EQ((*found)->why, r.why);
  EXPECT_EQ((*found)->conf.after, "new\n");
  EXPECT_EQ((*found)->conf.path, "/etc/slurm.conf");
  EXPECT_FALSE((*found)->pool.changes());
  EXPECT_EQ((*found)->addresses, r.addresses);
  EXPECT_EQ((*found)->queue.at, from_millis(6'000));
  ASSERT_EQ((*found)->made.size(), 1U);
  EXPECT_EQ((*found)->made[0].nodes, r.made[0].nodes);
  EXPECT_EQ((*found)->made[0].settings, r.made[0].settings);
  EXPECT_TRUE((*found)->unmade.empty());
  ASSERT_TRUE(end_apply(scratch.path()));
  EXPECT_FALSE(load_apply(scratch.path())->has_value());
}

TEST(ApplyRecords, WhatCannotBeReadIsAnErrorNotNothing) {
  const Scratch scratch;
  ApplyRecord r;
  ASSERT_TRUE(begin_apply(scratch.path(), r));
  ASSERT_TRUE(write_file_atomically(scratch.path() / "apply/record.json", "{", 0600));
  EXPECT_FALSE(load_apply(scratch.path()));
}

TEST(TestStart, TouchesNothingOfTheRunningCluster) {
  const Scratch scratch;
  scratch.write("more.conf", "AccountingStorageEnforce=limits  PluginDir=/p\n");
  const auto text = test_text(
      "SlurmctldHost=head(10.0.0.1)\nslurmctldhost = backup\nInclude more.conf\nInclude none.conf\n"
      "CommunicationParameters=NoCtldInAddrAny\nStateSaveLocation=/var/spool/ctld\n"
      "NodeName=a1 CPUs=2\n",
      scratch.path("slurm.conf"), "/scratch", "here", 7001);
  EXPECT_EQ(text.find("head"), std::string::npos);
  EXPECT_EQ(text.find("backup"), std::string::npos);
  EXPECT_NE(text.find("SlurmctldHost=here(127.0.0.1)\n"), std::string::npos);
  EXPECT_NE(text.find("Include " + scratch.path("none.conf").string() + "\n"), std::string::npos);
  EXPECT_NE(text.find("PluginDir=/p\n"), std::string::npos);
  EXPECT_EQ(text.find("Enforce"), std::string::npos);
  EXPECT_NE(text.find("NodeName=a1 CPUs=2\n"), std::string::npos);
  EXPECT_EQ(text.find("NoCtldInAddrAny"), std::string::npos);
  EXPECT_NE(text.find("StateSaveLocation=/scratch/state\n"), std::string::npos);
  EXPECT_EQ(text.find("/var/spool"), std::string::npos);
  EXPECT_NE(text.find("SlurmctldPort=7001\n"), std::string::npos);
  EXPECT_NE(text.find("AccountingStorageType=accounting_storage/none\n"), std::string::npos);
}

}  // namespace
}  // namespace tidepool
