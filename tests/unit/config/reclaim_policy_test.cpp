#include "config/reclaim_policy.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace tidepool {
namespace {

TEST(ReclaimPolicy, AmountsInWords) {
  EXPECT_EQ(to_string(Amount{}), "nothing");
  EXPECT_EQ(to_string(Amount{6, 24, 48 * 1024}), "6 instances, 24 cores, 48 GiB");
  EXPECT_EQ(to_string(Amount{1, 1, 512}), "1 instance, 1 core, 512 MiB");
  EXPECT_EQ(to_string(Amount{0, 0, 2048}), "2 GiB");
  EXPECT_EQ(to_string(Amount{0, -3, 0}), "-3 cores");
  EXPECT_EQ(to_string(Amount{kPlenty, 4, kPlenty + 7}),
            "unlimited instances, 4 cores, unlimited memory");
}

TEST(ReclaimPolicy, KeptFree) {
  const Amount limits{10, 95, 1000};
  struct Case {
    Headroom headroom;
    Amount kept;
  };
  const Case cases[] = {
      {{}, {0, 0, 0}},
      {{{8, 0}, {64, 0}, {256, 0}}, {8, 64, 256}},
      {{{0, 10}, {0, 10}, {0, 10}}, {1, 10, 100}},  // 9.5 is 10
      {{{0, 100}, {0, 1}, {0, 33}}, {10, 1, 330}},
  };
  for (const auto& c : cases) EXPECT_EQ(kept_free(c.headroom, limits), c.kept);
  EXPECT_EQ(kept_free({{0, 10}, {5, 0}, {0, 10}}, {kPlenty, kPlenty, kPlenty}), (Amount{0, 5, 0}));
}

TEST(ReclaimPolicy, Books) {
  for (const auto book : {Book::hypervisor, Book::placement, Book::quota})
    EXPECT_EQ(book_of(to_string(book)), book);
  EXPECT_FALSE(book_of("Quota"));
  EXPECT_FALSE(book_of(""));
}

TEST(ReclaimPolicy, Sizes) {
  EXPECT_EQ(mebibytes_of("256G"), 256 * 1024);
  EXPECT_EQ(mebibytes_of("512M"), 512);
  EXPECT_EQ(mebibytes_of("2T"), 2 * 1024 * 1024);
  for (const auto* bad : {"", "G", "0G", "-1G", "1.5G", "12", "12GB", "9999999999999999T", "1 G"})
    EXPECT_FALSE(mebibytes_of(bad)) << bad;
  EXPECT_EQ(to_string(Share{0, 10}, true), "10%");
  EXPECT_EQ(to_string(Share{64, 0}, false), "64");
  EXPECT_EQ(to_string(Share{2048, 0}, true), "2G");
  EXPECT_EQ(to_string(Share{2049, 0}, true), "2049M");
}

TEST(ReclaimPolicy, ReadsTimesOfTheWeek) {
  struct Case {
    const char* text;
    QuietHours hours;
    const char* shown;
  };
  const Case cases[] = {
      {"22:00-06:00", {127, 22 * 60, 6 * 60}, "22:00-06:00"},
      {"Mon-Fri 08:00-18:30", {0b0011111, 8 * 60, 18 * 60 + 30}, "Mon,Tue,Wed,Thu,Fri 08:00-18:30"},
      {"Sat,Sun 00:00-24:00", {0b1100000, 0, 1440}, "Sat,Sun 00:00-24:00"},
      {"Sat-Mon 12:00-13:00", {0b1100001, 720, 780}, "Mon,Sat,Sun 12:00-13:00"},
      {"Wed 00:00-00:01", {0b0000100, 0, 1}, "Wed 00:00-00:01"},
  };
  for (const auto& c : cases) {
    const auto hours = parse_quiet_hours(c.text);
    ASSERT_TRUE(hours) << c.text;
    EXPECT_EQ(*hours, c.hours) << c.text;
    EXPECT_EQ(to_string(*hours), c.shown);
    EXPECT_EQ(parse_quiet_hours(to_string(*hours)).value(), c.hours);
  }
  for (const auto* bad :
       {"", "always", "8:00-18:00", "08:00", "08:00-", "-08:00", "08:00-18:60", "25:00-26:00",
        "24:00-08:00", "24:01-24:02", "08:00-08:00", "Mon 08:00 - 18:00", "mon 08:00-18:00",
        "Mon- 08:00-18:0", "Montag 08:00-18:00", " 08:00-18:00", "Mon,,Tue 08:00-18:00",
        "08:00-18:00-20:00", "a8:00-18:00"})
    EXPECT_FALSE(parse_quiet_hours(bad)) << bad;
}

// In a zone without daylight saving time: 1970-01-05 was a Monday.
TEST(ReclaimPolicy, QuietHoursOfTheWeek) {
  ASSERT_EQ(::setenv("TZ", "EST5", 1), 0);
  ::tzset();
  const auto at = [](int day, int hour, int minute) {  // local; day 0: Monday
    return from_millis((((4 + day) * 24L + hour + 5) * 60 + minute) * 60'000);
  };
  const std::vector<QuietHours> none;
  EXPECT_FALSE(is_quiet(none, at(0, 12, 0)));
  const std::vector<QuietHours> office{*parse_quiet_hours("Mon-Fri 08:00-18:00")};
  EXPECT_FALSE(is_quiet(office, at(0, 7, 59)));
  EXPECT_TRUE(is_quiet(office, at(0, 8, 0)));
  EXPECT_TRUE(is_quiet(office, at(4, 17, 59)));
  EXPECT_FALSE(is_quiet(office, at(4, 18, 0)));
  EXPECT_FALSE(is_quiet(office, at(5, 12, 0)));
  const std::vector<QuietHours> nights{*parse_quiet_hours("Fri,Sun 22:00-06:00")};
  EXPECT_FALSE(is_quiet(nights, at(4, 5, 0)));  // Friday's early morning belongs to Thursday
  EXPECT_TRUE(is_quiet(nights, at(4, 23, 0)));
  EXPECT_TRUE(is_quiet(nights, at(5, 5, 59)));
  EXPECT_FALSE(is_quiet(nights, at(5, 6, 0)));
  EXPECT_FALSE(is_quiet(nights, at(5, 23, 0)));
  EXPECT_TRUE(is_quiet(nights, at(7, 5, 0)));  // Monday after Sunday
  const std::vector<QuietHours> day{*parse_quiet_hours("Sat 00:00-24:00")};
  EXPECT_TRUE(is_quiet(day, at(5, 0, 0)));
  EXPECT_TRUE(is_quiet(day, at(5, 23, 59)));
  EXPECT_FALSE(is_quiet(day, at(6, 0, 0)));
}

TEST(ReclaimPolicy, ClassesInOrder) {
  ReclaimSection reclaim;
  EXPECT_EQ(class_of(reclaim, "osg", "normal", "a"), nullptr);
  OpportunisticClass urgent, pilots, guests;
  urgent.name = "urgent", urgent.partitions = {"osg"}, urgent.qos = {"high"};
  pilots.name = "pilots", pilots.partitions = {"osg", "osg2"};
  guests.name = "guests", guests.accounts = {"guest"};
  reclaim.classes = {urgent, pilots, guests};
  const auto name = [&](const char* partition, const char* qos, const char* account) {
    const auto* c = class_of(reclaim, partition, qos, account);
    return c == nullptr ? std::string() : c->name;
  };
  EXPECT_EQ(name("osg", "high", "a"), "urgent");
  EXPECT_EQ(name("osg", "low", "guest"), "pilots");
  EXPECT_EQ(name("osg2", "high", ""), "pilots");
  EXPECT_EQ(name("compute", "high", "guest"), "guests");
  EXPECT_EQ(name("compute", "high", "a"), "");
}

}  // namespace
}  // namespace tidepool
