// What each book has back in which mode: documented, and measured otherwise.
#include <gtest/gtest.h>

#include "work/reclaim_books.hpp"

namespace tidepool {
namespace {

const Amount kServer{1, 4, 8192};
const Amount kNone{};

// A probe that shelved a server on a cloud that counts its quota from placement.
ProbeReport shelve_counts_from_placement(bool cores_fall) {
  ProbeReport report;
  report.vcpus = 4;
  report.ram_mib = 8192;
  ProbeMeasure m;
  m.step = ProbeStep::shelve;
  m.outcome = ProbeOutcome::done;
  ProbeMoment before, during;
  before.status = "ACTIVE";
  before.limits.used_instances = 1;
  before.limits.used_cores = 4;
  before.limits.used_ram_mib = 8192;
  during = before;
  during.status = "SHELVED_OFFLOADED";
  if (cores_fall) during.limits.used_cores = during.limits.used_ram_mib = 0;
  m.before = before;
  m.during = during;
  m.after = before;
  report.measures.push_back(m);
  return report;
}

TEST(ReclaimBooks, DocumentedWhereNothingWasMeasured) {
  const std::optional<ProbeReport> none;
  for (const auto mode : {HoldMode::pause, HoldMode::suspend, HoldMode::stop}) {
    EXPECT_EQ(freed_in(Book::hypervisor, mode, kServer, none),
              mode == HoldMode::pause ? kNone : kServer);
    EXPECT_EQ(freed_in(Book::placement, mode, kServer, none), kNone);
    EXPECT_EQ(freed_in(Book::quota, mode, kServer, none), kNone);
  }
  for (const auto mode : {HoldMode::hibernate, HoldMode::shelve}) {
    EXPECT_EQ(freed_in(Book::hypervisor, mode, kServer, none), kServer);
    EXPECT_EQ(freed_in(Book::placement, mode, kServer, none), kServer);
    EXPECT_EQ(freed_in(Book::quota, mode, kServer, none), kNone) << "not believed";
  }
  for (const auto mode : {HoldMode::snapshot, HoldMode::requeue})
    for (const auto book : {Book::hypervisor, Book::placement, Book::quota})
      EXPECT_EQ(freed_in(book, mode, kServer, none), kServer);
}

TEST(ReclaimBooks, MeasuredOnThisCloud) {
  const std::optional<ProbeReport> gives = shelve_counts_from_placement(true);
  EXPECT_EQ(freed_in(Book::quota, HoldMode::hibernate, kServer, gives), (Amount{0, 4, 8192}))
      << "the instance stays one";
  const std::optional<ProbeReport> keeps = shelve_counts_from_placement(false);
  EXPECT_EQ(freed_in(Book::quota, HoldMode::hibernate, kServer, keeps), kNone);
  EXPECT_EQ(freed_in(Book::placement, HoldMode::hibernate, kServer, keeps), kServer);
}

TEST(ReclaimBooks, SaysWhatAModeFreesInstead) {
  EXPECT_EQ(frees_nothing(Book::quota, HoldMode::suspend, std::nullopt),
            "suspend frees the hypervisor, but neither placement nor the quota (not measured: run "
            "'tidepool probe')");
  EXPECT_EQ(frees_nothing(Book::quota, HoldMode::hibernate, shelve_counts_from_placement(false)),
            "hibernate frees placement's room, but not the quota (measured on this cloud)");
  EXPECT_EQ(frees_nothing(Book::placement, HoldMode::stop, std::nullopt),
            "stop frees the hypervisor, but not placement (not measured: run 'tidepool probe')");
  EXPECT_EQ(frees_nothing(Book::hypervisor, HoldMode::pause, std::nullopt),
            "pause frees nothing of the books (not measured: run 'tidepool probe')");
}

TEST(ReclaimBooks, TheQuotasRoom) {
  openstack::Limits limits;
  limits.max_instances = 10;
  limits.used_instances = 12;  // overdrawn
  limits.max_cores = 40;
  limits.used_cores = 30;
  EXPECT_EQ(quota_room(limits), (Amount{0, 10, kPlenty}));
  EXPECT_EQ(quota_limits(limits), (Amount{10, 40, kPlenty}));
}

TEST(ReclaimBooks, AnIdleNodeFreesWhatItsPoolDoesWithIt) {
  Pool pool;
  EXPECT_EQ(freed_by_idle(Book::quota, pool, kServer, std::nullopt), kServer);
  pool.on_suspend = OnSuspend::stop;
  EXPECT_EQ(freed_by_idle(Book::quota, pool, kServer, std::nullopt), kNone);
  EXPECT_EQ(freed_by_idle(Book::hypervisor, pool, kServer, std::nullopt), kServer);
  pool.on_suspend = OnSuspend::shelve;
  EXPECT_EQ(freed_by_idle(Book::placement, pool, kServer, std::nullopt), kServer);
}

}  // namespace
}  // namespace tidepool
