// Files in the drop folder: what they say, and what they try.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.hpp"
#include "scratch.hpp"
#include "work/drop_folder.hpp"

namespace tidepool {
namespace {

const Time kNow = from_millis(1'000'000);

Result<ReclaimRecord> read(const std::string& text) {
  ReclaimSection rules;
  return read_drop_file(text, rules, kNow);
}

TEST(DropFile, LinesOrJson) {
  for (const char* text : {"# for the maintenance\ncores=64\r\nram=256G\nnodes=2\nfrom=osg\n"
                           "book=placement\nkeep=5m\ndeadline=120s\n",
                           R"( {"cores": 64, "ram": "256G", "nodes": 2, "from": "osg",
                               "book": "placement", "keep": "5m", "deadline": 120})"}) {
    auto r = read(text);
    ASSERT_TRUE(r) << r.error().message;
    EXPECT_EQ(r->need, (Amount{2, 64, 262144}));
    EXPECT_EQ(r->partition, "osg");
    EXPECT_EQ(r->book, Book::placement);
    EXPECT_EQ(r->keep, Millis(300'000));
    EXPECT_EQ(r->deadline, kNow + Millis(120'000));
  }
}

TEST(DropFile, WhatIsWrongIsNamed) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "nothing is asked for"},
      {"cores=0", "nothing is asked for"},
      {"cores=many", "cores: 'many' is no number"},
      {"cores=-1", "cores: '-1' is no number"},
      {"cores=99999999999999999999", "is no number"},
      {"cores=4\nram=lots", "line 2: ram: 'lots' is no size"},
      {"cores 4", "line 1: key=value is expected"},
      {"corse=4", "'corse' is no key"},
      {"cores=4\ndeadline=0s", "deadline"},
      {"cores=4\nfrom=a b", "from: 'a b' is no partition"},
      {"cores=4\nbook=mine", "book"},
      {"{\"cores\": [4]}", "cores: a text or a number is expected"},
      {"{\"cores\": 4", "is no JSON object"},
      {"{\"cores\": -4}", "cores: a text or a number is expected"},
  };
  for (const auto& [text, words] : cases) {
    auto r = read(text);
    ASSERT_FALSE(r) << text;
    EXPECT_NE(r.error().message.find(words), std::string::npos) << r.error().message;
  }
}

TEST(DropFile, Names) {
  for (const char* name : {"maintenance", "a.b-c_9"}) EXPECT_TRUE(is_drop_name(name)) << name;
  for (const char* name : {"", ".new", "-x", "x.done", "x.error", "a b", "a/b", "a\nb"})
    EXPECT_FALSE(is_drop_name(name)) << name;
  EXPECT_FALSE(is_drop_name(std::string(201, 'a')));
}

class DropFolderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    rules.drop_folder = scratch.path("drop");
    std::filesystem::create_directory(rules.drop_folder);
    ::chmod(rules.drop_folder.c_str(), 01777);
  }
  std::string answer(const std::string& name) {
    auto text = read_file(rules.drop_folder / name);
    return text ? *text : "";
  }
  void round(DropFolder& folder) {
    ASSERT_TRUE(folder.take_in());
    ASSERT_TRUE(folder.answer());
  }
  Scratch scratch;
  Store store = std::move(*Store::open(scratch.path("state"), "lab"));
  ReclaimSection rules;
};

TEST_F(DropFolderTest, AFileIsARequestOnceAndIsAnsweredBesideIt) {
  DropFolder folder(rules, store);
  scratch.write("drop/work", "cores=4\n");
  scratch.write("drop/work.done", "an older answer");
  round(folder);
  auto all = *store.reclaims();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].by, "file work");
  EXPECT_EQ(all[0].need.cores, 4);
  EXPECT_EQ(answer("work.done"), "");
  DropFolder another(rules, store);  // of the next worker
  round(another);
  EXPECT_EQ(store.reclaims()->size(), 1u);
  EXPECT_TRUE(store.reclaims()->front().cancelled.empty());
  all[0].step = ReclaimStep::free;
  ASSERT_TRUE(store.save_reclaim(all[0]));
  round(another);
  EXPECT_NE(answer("work.done").find("\"cores\": 4"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(rules.drop_folder / "work"));
  round(another);
  EXPECT_EQ(store.reclaims()->size(), 1u);
  // The same name again is another request.
  all[0].step = ReclaimStep::over;
  all[0].ended = now();
  ASSERT_TRUE(store.save_reclaim(all[0]));
  scratch.write("drop/work", "cores=5\n");
  round(another);
  ASSERT_EQ(store.reclaims()->size(), 1u);
  EXPECT_EQ(store.reclaims()->front().need.cores, 5);
}

TEST_F(DropFolderTest, MissedAndRefusedSayWhy) {
  DropFolder folder(rules, store);
  scratch.write("drop/work", "cores=4\n");
  scratch.write("drop/bad", "cores=many\n");
  round(folder);
  EXPECT_NE(answer("bad.error").find("'many' is no number"), std::string::npos);
  auto r = store.reclaims()->front();
  r.step = ReclaimStep::missed;
  r.note = "2 of 4 cores free";
  r.ended = now();
  ASSERT_TRUE(store.save_reclaim(r));
  round(folder);
  EXPECT_NE(answer("work.error").find("2 of 4 cores free"), std::string::npos);
}

TEST_F(DropFolderTest, AFileTakenAwayIsARequestWithdrawn) {
  DropFolder folder(rules, store);
  scratch.write("drop/work", "cores=4\n");
  round(folder);
  std::filesystem::remove(rules.drop_folder / "work");
  round(folder);
  EXPECT_EQ(store.reclaims()->front().cancelled, "removal of its file");
}

TEST_F(DropFolderTest, WhatIsNoPlainFileIsRefusedUnread) {
  const auto secret = scratch.write("secret", "cores=4\n");
  const auto drop = rules.drop_folder;
  std::filesystem::create_symlink(secret, drop / "link");
  std::filesystem::create_hard_link(secret, drop / "hard");
  ASSERT_EQ(::mkfifo((drop / "pipe").c_str(), 0600), 0);
  std::filesystem::create_directory(drop / "folder");
  scratch.write("drop/huge", std::string(5000, '#'));
  // An answer's place that leads elsewhere.
  std::filesystem::create_symlink(secret, drop / "huge.error");
  DropFolder folder(rules, store);
  round(folder);
  EXPECT_TRUE(store.reclaims()->empty());
  for (const char* name : {"link", "hard", "pipe", "huge"}) {
    EXPECT_NE(answer(std::string(name) + ".error"), "") << name;
    EXPECT_FALSE(std::filesystem::exists(std::filesystem::symlink_status(drop / name))) << name;
  }
  EXPECT_EQ(*read_file(secret), "cores=4\n");
}

TEST_F(DropFolderTest, AFolderInWhichAnybodyMayRemoveAnythingIsNotUsed) {
  ::chmod(rules.drop_folder.c_str(), 0777);
  scratch.write("drop/work", "cores=4\n");
  DropFolder folder(rules, store);
  round(folder);
  EXPECT_TRUE(store.reclaims()->empty());
}

TEST_F(DropFolderTest, FloodsWait) {
  for (int i = 0; i < 100; ++i) scratch.write("drop/f" + std::to_string(i), "cores=4\n");
  DropFolder folder(rules, store);
  round(folder);
  EXPECT_EQ(store.reclaims()->size(), 64u);
}

}  // namespace
}  // namespace tidepool
