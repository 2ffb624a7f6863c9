// What holds write into slurmctld's fields, and read there again.
#include <gtest/gtest.h>

#include "work/hold_extra.hpp"
#include "work/hold_notes.hpp"

namespace tidepool {
namespace {

HoldRecord hold() {
  HoldRecord h;
  h.id = 3;
  h.modes = {HoldMode::hibernate, HoldMode::suspend};
  h.jobs = {{12, "", ""}, {13, "", ""}};
  HoldNode n;
  n.node = "osg-001";
  n.address = "10.1.2.3";
  n.server_id = "5f0c";
  n.boot_time_s = 100;
  n.slurmd_start_s = 101;
  h.nodes = {n};
  return h;
}

TEST(HoldExtraTest, IsReadAsItIsWritten) {
  const auto h = hold();
  const std::string text = format_extra(h, h.nodes[0]);
  EXPECT_EQ(text,
            "tidepool-hold id=3 jobs=12,13 addr=10.1.2.3 mode=hibernate server=5f0c boot=100 "
            "slurmd=101");
  const auto extra = parse_extra(text);
  ASSERT_TRUE(extra);
  EXPECT_EQ(extra->id, 3);
  EXPECT_EQ(extra->jobs, (std::vector<std::int64_t>{12, 13}));
  EXPECT_EQ(extra->mode, HoldMode::hibernate);
  EXPECT_EQ(extra->node.address, "10.1.2.3");
  EXPECT_EQ(extra->node.server_id, "5f0c");
  EXPECT_EQ(extra->node.boot_time_s, 100);
  EXPECT_EQ(extra->node.slurmd_start_s, 101);
  EXPECT_TRUE(is_extra_of(text, 3));
  EXPECT_FALSE(is_extra_of(text, 30));
}

TEST(HoldExtraTest, OthersWordsAreNoHold) {
  for (const char* text :
       {"", "rack 7", "tidepool-hold", "tidepool-hold ", "tidepool-hold id=3",
        "tidepool-hold id=x jobs=1 addr=10.0.0.1", "tidepool-hold id=3 jobs= addr=10.0.0.1",
        "tidepool-hold id=3 jobs=1,,2 addr=10.0.0.1", "tidepool-hold id=3 jobs=1 addr=",
        "tidepool-hold id=-3 jobs=1 addr=10.0.0.1", "tidepool-hold id=3 jobs=0 addr=10.0.0.1",
        "tidepool-hold id=3 jobs=1 addr=10.0.0.1 mode=sleep"})
    EXPECT_FALSE(parse_extra(text)) << text;
  EXPECT_TRUE(parse_extra("tidepool-hold id=3 jobs=1 addr=10.0.0.1 later=7 word"));
}

TEST(HoldNotesTest, TheJobsOwnCommentStays) {
  const std::string wish = "tidepool:hold-mode=suspend";
  std::string text = with_hold_note("grant 7 " + wish, 3, "held since noon");
  EXPECT_EQ(text, "[tidepool hold 3: held since noon] grant 7 " + wish);
  text = with_hold_note(text, 4, "lost: x [y]");
  EXPECT_EQ(text, "[tidepool hold 4: lost: x (y)] grant 7 " + wish);
  EXPECT_EQ(with_hold_note("", 3, "a"), "[tidepool hold 3: a]");
  EXPECT_LT(with_hold_note("", 3, std::string(5000, 'a')).size(), 400u);
}

TEST(HoldNotesTest, Reasons) {
  auto h = hold();
  EXPECT_EQ(hold_reason(h), "tidepool: hold 3 (hibernate): jobs 12, 13");
  h.outcome = "lost: server is gone";
  h.jobs.pop_back();
  EXPECT_EQ(hold_reason(h), "tidepool: hold 3: lost: server is gone: job 12");
}

}  // namespace
}  // namespace tidepool
