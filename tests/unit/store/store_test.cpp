#include "store/store.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>
#include <thread>

#include "scratch.hpp"
#include "store/schema.hpp"

namespace tidepool {
namespace {

class StoreTest : public ::testing::Test {
 protected:
  Store open() {
    auto store = Store::open(dir_, "lab");
    EXPECT_TRUE(store) << (store ? "" : store.error().message);
    return std::move(*store);
  }
  static NodeRecord get(Store& store, const std::string& name) {
    auto found = store.node(name);
    EXPECT_TRUE(found && *found) << name;
    return **found;
  }
  Scratch scratch_;
  const std::filesystem::path dir_ = scratch_.path();
};

TEST_F(StoreTest, IsReadableByItsOwnerAlone) {
  open();
  struct stat st {};
  ASSERT_EQ(::stat((dir_ / "tidepool.db").c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777, 0600u);
}

TEST_F(StoreTest, AWantSurvivesAndCounts) {
  {
    auto store = open();
    ASSERT_TRUE(
        store.want({{"a1", "p"}, {"a2", "p"}}, Wanted::present, "resume", {{7, {"a1", "a2"}}}));
    ASSERT_TRUE(store.want({{"a1", "p"}}, Wanted::absent, "suspend"));
  }
  auto store = open();
  const auto a1 = get(store, "a1");
  EXPECT_EQ(a1.wanted, Wanted::absent);
  EXPECT_EQ(a1.want_seq, 2);
  EXPECT_EQ(a1.want_by, "suspend");
  EXPECT_TRUE(a1.fresh_want());
  EXPECT_EQ(get(store, "a2").wanted, Wanted::present);
  // a1's suspend ended its part in job 7; a2 still belongs to it.
  EXPECT_TRUE(store.jobs_of("a1")->empty());
  ASSERT_EQ(store.jobs_of("a2")->size(), 1u);
  EXPECT_EQ(store.jobs_of("a2")->front().job_id, 7);
}

TEST_F(StoreTest, TheWorkersSaveLeavesANewerWantAlone) {
  auto store = open();
  ASSERT_TRUE(store.want({{"a1", "p"}}, Wanted::present, "resume"));
  auto worker = open();
  NodeRecord r = get(worker, "a1");
  r.seen_seq = r.want_seq;
  r.lease_id = "lease";
  r.address = "10.0.0.1";
  r.failure = Failure{ErrorKind::quota, "no room", from_millis(5), from_millis(9)};
  r.tell = Tell::down;
  ASSERT_TRUE(store.want({{"a1", "p"}}, Wanted::absent, "suspend"));  // in between
  ASSERT_TRUE(worker.save(r));
  const auto after = get(store, "a1");
  EXPECT_EQ(after.wanted, Wanted::absent);
  EXPECT_TRUE(after.fresh_want());
  EXPECT_EQ(after.lease_id, "lease");
  ASSERT_TRUE(after.failure);
  EXPECT_EQ(after.failure->kind, ErrorKind::quota);
  EXPECT_EQ(after.failure->text, "no room");
  EXPECT_EQ(after.failure->until, from_millis(9));
  EXPECT_EQ(after.tell, Tell::down);
}

TEST_F(StoreTest, NoAddressAndNoLeaseTwice) {
  auto store = open();
  ASSERT_TRUE(store.want({{"a1", "p"}, {"a2", "p"}}, Wanted::present, "resume"));
  NodeRecord a1 = get(store, "a1"), a2 = get(store, "a2");
  a1.lease_id = "l1";
  a1.address = "10.0.0.1";
  ASSERT_TRUE(store.save(a1));
  a2.lease_id = "l2";
  a2.address = "10.0.0.1";
  auto twice = store.save(a2);
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().kind, ErrorKind::conflict);
  a2.address = "10.0.0.2";
  a2.lease_id = "l1";
  EXPECT_FALSE(store.save(a2));
  a2.lease_id = "l2";
  EXPECT_TRUE(store.save(a2));
}

TEST_F(StoreTest, WantIfOnlyWhenNothingNewerCame) {
  auto store = open();
  ASSERT_TRUE(store.want({{"a1", "p"}}, Wanted::present, "resume"));
  EXPECT_FALSE(*store.want_if({"a1", "p"}, 0, Wanted::absent, "slurm"));
  EXPECT_EQ(get(store, "a1").wanted, Wanted::present);
  EXPECT_TRUE(*store.want_if({"a1", "p"}, 1, Wanted::absent, "slurm"));
  EXPECT_EQ(get(store, "a1").wanted, Wanted::absent);
  EXPECT_TRUE(*store.want_if({"new", "p"}, 0, Wanted::present, "slurm"));
}

TEST_F(StoreTest, FiftyClaimsAtOnceGetFiftyNodes) {
  std::vector<NodeKey> keys;
  for (int i = 0; i < 50; ++i) keys.push_back({"n" + std::to_string(i), "p"});
  open();
  std::vector<std::string> got(50);
  std::vector<std::thread> threads;
  for (int i = 0; i < 50; ++i)
    threads.emplace_back([&, i] {
      auto store = Store::open(dir_, "lab");
      if (!store) return;
      auto name = store->claim(keys, "operator", "");
      if (name) got[static_cast<std::size_t>(i)] = *name;
    });
  for (auto& t : threads) t.join();
  EXPECT_EQ(std::set<std::string>(got.begin(), got.end()).size(), 50u);
  EXPECT_FALSE(std::set<std::string>(got.begin(), got.end()).contains(""));
  auto store = open();
  auto more = store.claim(keys, "operator", "");
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().kind, ErrorKind::not_found);
}

TEST_F(StoreTest, AFailedNodeIsNotClaimed) {
  auto store = open();
  ASSERT_TRUE(store.want({{"a1", "p"}}, Wanted::absent, "suspend"));
  NodeRecord r = get(store, "a1");
  r.failure = Failure{};
  ASSERT_TRUE(store.save(r));
  EXPECT_FALSE(store.claim({{"a1", "p"}}, "operator", ""));
}

TEST_F(StoreTest, AnotherClustersStoreIsRefused) {
  open();
  auto other = Store::open(dir_, "other");
  ASSERT_FALSE(other);
  EXPECT_NE(other.error().message.find("cluster 'lab'"), std::string::npos);
}

TEST_F(StoreTest, ANewerSchemaIsRefused) {
  open();
  auto db = Database::open(dir_ / "tidepool.db");
  ASSERT_TRUE(db && db->execute("PRAGMA user_version=99"));
  auto store = Store::open(dir_, "lab");
  ASSERT_FALSE(store);
  EXPECT_NE(store.error().message.find("99"), std::string::npos);
}

// Stores of every older version, as a cluster at work leaves them: opened by this one, they have
// lost nothing; and as it was, each is kept beside it.
class OlderStore : public StoreTest, public ::testing::WithParamInterface<int> {
 protected:
  // Of a database, whatever its version: all that the older ones had.
  static std::string contents(Database& db, int version) {
    std::vector<std::string> queries{
        "SELECT key, value FROM meta", "SELECT job_id, node FROM job_nodes",
        "SELECT name, rest_until, rest_reason, rest_step, boot_failures FROM pools",
        "SELECT at, node, what, detail, server_id, request_id FROM events",
        "SELECT name, pool, wanted, want_seq, want_since, want_by, extras, seen_seq, lease_id, "
        "address, lease_since, server_id, server_state, create_begun, active_since, registered, "
        "attempts, next_try, last_error, failure_kind, failure_text, failure_at, failure_until, "
        "tell FROM nodes"};
    if (version >= 2) queries.push_back("SELECT name, replaced FROM nodes");
    if (version >= 3) {
      queries.push_back("SELECT id, wanted, want_by, modes, step, held_since FROM holds");
      queries.push_back("SELECT hold, job, name, user FROM hold_jobs");
      queries.push_back("SELECT hold, node, address, server_id, boot_time FROM hold_nodes");
    }
    std::string all;
    for (const auto& query : queries) {
      auto s = db.prepare(query.c_str());
      EXPECT_TRUE(s) << query;
      for (auto row = s->step(); row && *row; row = s->step()) {
        const auto columns = std::count(query.begin(), query.end(), ',') + 1;
        for (int i = 0; i < columns; ++i) all += s->text(i) + "|";
        all += "\n";
      }
    }
    return all;
  }
};

TEST_P(OlderStore, IsBroughtUpToDateAndKept) {
  const int version = GetParam();
  std::string before;
  {
    auto db = Database::open(dir_ / "tidepool.db");
    ASSERT_TRUE(db);
    for (int step = 0; step < version; ++step)
      ASSERT_TRUE(db->execute(kSchemaSteps[static_cast<std::size_t>(step)]));
    ASSERT_TRUE(db->execute(R"(
      INSERT INTO meta VALUES ('cluster', 'lab');
      INSERT INTO nodes (name, pool, wanted, want_seq, want_since, want_by, seen_seq, lease_id,
          address, server_id, server_state, active_since, registered)
        VALUES ('a1', 'p', 'present', 3, 1, 'resume', 3, 'lease-1', '10.0.0.1', 'server-1',
          'active', 5, 1);
      INSERT INTO nodes (name, pool, wanted, want_since, want_by, failure_kind, failure_text, tell)
        VALUES ('a2', 'p', 'absent', 2, 'suspend', 'quota', 'no room', 'down');
      INSERT INTO job_nodes VALUES (7, 'a1');
      INSERT INTO pools VALUES ('p', 9, 'quota', 2, 1);
      INSERT INTO events (at, node, what, detail, server_id, request_id)
        VALUES (4, 'a1', 'server active', '10.0.0.1', 'server-1', 'req-1'))"));
    if (version >= 3) {
      ASSERT_TRUE(db->execute(R"(
        INSERT INTO holds (wanted, want_by, want_since, modes, step, held_since)
          VALUES ('held', 'root', 6, 'suspend', 'held', 8);
        INSERT INTO hold_jobs VALUES (1, 7, 'long', 'ann');
        INSERT INTO hold_nodes (hold, place, node, address, server_id, boot_time)
          VALUES (1, 0, 'a1', '10.0.0.1', 'server-1', 3))"));
    }
    const std::string set = "PRAGMA user_version=" + std::to_string(version);
    ASSERT_TRUE(db->execute(set.c_str()));
    before = contents(*db, version);
    ASSERT_NE(before.find("server-1"), std::string::npos);
  }
  {
    auto store = open();
    auto record = get(store, "a1");
    EXPECT_EQ(record.lease_id, "lease-1");
    EXPECT_EQ(record.server_id, "server-1");
    EXPECT_EQ(record.wanted, Wanted::present);
    EXPECT_TRUE(record.registered);
    EXPECT_EQ(get(store, "a2").failure->kind, ErrorKind::quota);
    EXPECT_EQ(store.jobs_of("a1")->front().job_id, 7);
    ASSERT_TRUE(store.save(record));  // what is new in it can be written
  }
  open();  // finds it migrated, and keeps it no second time
  auto db = Database::open(dir_ / "tidepool.db");
  ASSERT_TRUE(db);
  EXPECT_EQ(contents(*db, version), before);

  std::vector<std::filesystem::path> kept;
  for (const auto& file : std::filesystem::directory_iterator(dir_))
    if (file.path().string().find(".schema-") != std::string::npos) kept.push_back(file.path());
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(
      kept[0].filename().string().rfind("tidepool.db.schema-" + std::to_string(version) + ".20", 0),
      0u)
      << kept[0];
  EXPECT_EQ(kept[0].extension().string().size(), std::string_view(".20261130T120441Z").size());
  struct stat st {};
  ASSERT_EQ(::stat(kept[0].c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777, 0600u);
  auto old = Database::open(kept[0]);
  ASSERT_TRUE(old);
  auto its_version = old->prepare("PRAGMA user_version");
  ASSERT_TRUE(its_version && *its_version->step());
  EXPECT_EQ(its_version->integer(0), version);
  EXPECT_EQ(contents(*old, version), before);
}

INSTANTIATE_TEST_SUITE_P(Versions, OlderStore,
                         ::testing::Range(1, static_cast<int>(kSchemaSteps.size())));

// A worker of an older tidepool may still write down how its requests in flight ended after a new
// program has migrated the store: what it knows must be there and mean the same.
TEST(Schema, LaterStepsOnlyAdd) {
  for (std::size_t step = 1; step < kSchemaSteps.size(); ++step) {
    std::istringstream statements(kSchemaSteps[step]);
    for (std::string one; std::getline(statements, one, ';');) {
      const auto begin = one.find_first_not_of(" \n");
      if (begin == std::string::npos) continue;
      one = one.substr(begin);
      const bool adds =
          one.starts_with("CREATE TABLE ") || one.starts_with("CREATE INDEX ") ||
          (one.starts_with("ALTER TABLE ") && one.find(" ADD COLUMN ") != std::string::npos &&
           (one.find(" NOT NULL") == std::string::npos ||
            one.find(" DEFAULT ") != std::string::npos));
      EXPECT_TRUE(adds) << "step " << step + 1 << ": " << one;
    }
  }
}

// Killed while it was copying, the copy has a name of its own; nobody takes it for a whole one.
TEST_F(StoreTest, AnOlderStoreThatCannotBeKeptIsNotMigrated) {
  {
    auto db = Database::open(dir_ / "tidepool.db");
    ASSERT_TRUE(db && db->execute(kSchemaSteps[0]));
    ASSERT_TRUE(db->execute("INSERT INTO meta VALUES ('cluster', 'lab'); PRAGMA user_version=1"));
  }
  // Folders in the place of every copy that the next minute could begin.
  for (int second = 0; second < 60; ++second) {
    auto stamp = format_time(now() + std::chrono::seconds(second));
    std::erase_if(stamp, [](char c) { return c == '-' || c == ':'; });
    std::filesystem::create_directory(dir_ / ("tidepool.db.schema-1." + stamp + ".part"));
  }
  auto store = Store::open(dir_, "lab");
  ASSERT_FALSE(store);
  EXPECT_NE(store.error().message.find("before it is migrated"), std::string::npos)
      << store.error().message;
  auto db = Database::open(dir_ / "tidepool.db");
  ASSERT_TRUE(db);
  auto version = db->prepare("PRAGMA user_version");
  ASSERT_TRUE(version && *version->step());
  EXPECT_EQ(version->integer(0), 1);
}

TEST_F(StoreTest, ABrokenFileIsNamed) {
  FILE* f = ::fopen((dir_ / "tidepool.db").c_str(), "w");
  ::fputs("this is no database, and longer than a header would be ...........................", f);
  ::fclose(f);
  auto store = Store::open(dir_, "lab");
  ASSERT_FALSE(store);
  EXPECT_NE(store.error().message.find("tidepool.db"), std::string::npos);
}

TEST_F(StoreTest, EventsAreNewestFirstAndPoolsAreKept) {
  auto store = open();
  ASSERT_TRUE(store.add_event({now(), "a1", "one", "", "", ""}));
  ASSERT_TRUE(store.add_event({now(), "a2", "two", "d", "s", "req-1"}));
  auto all = store.events(10);
  ASSERT_EQ(all->size(), 2u);
  EXPECT_EQ(all->front().what, "two");
  EXPECT_EQ(all->front().request_id, "req-1");
  EXPECT_EQ(store.events(10, "a1")->size(), 1u);
  PoolState p{"p", from_millis(7), "why", 2, 3};
  ASSERT_TRUE(store.save_pool(p));
  EXPECT_EQ(store.pool("p")->rest_step, 2);
  EXPECT_EQ(store.pool("never")->boot_failures, 0);
}

TEST_F(StoreTest, OtherProcessesCommitsAreSeen) {
  auto worker = open();
  const auto before = *worker.data_version();
  ASSERT_TRUE(worker.add_event({now(), "", "mine", "", "", ""}));
  EXPECT_EQ(*worker.data_version(), before);
  auto hook = open();
  ASSERT_TRUE(hook.want({{"a1", "p"}}, Wanted::present, "resume"));
  EXPECT_NE(*worker.data_version(), before);
}

}  // namespace
}  // namespace tidepool
