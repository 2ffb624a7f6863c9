#include "openstack/id_cache.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "scratch.hpp"

namespace tidepool::openstack {
namespace {

const Time kNow = *parse_time("2026-11-25T20:00:00Z");

TEST(IdCache, IsSharedBetweenProcesses) {
  const Scratch scratch;
  IdCache one(scratch.path(), "cloud"), two(scratch.path(), "cloud");
  one.put("flavor/small", "{\"id\":\"1\"}", kNow);
  two.put("image/rocky", "{\"id\":\"2\"}", kNow);  // must not lose what `one` has learned
  IdCache third(scratch.path(), "cloud");
  EXPECT_EQ(third.get("flavor/small", kNow), "{\"id\":\"1\"}");
  EXPECT_EQ(third.get("image/rocky", kNow), "{\"id\":\"2\"}");
  EXPECT_FALSE(IdCache(scratch.path(), "another").get("flavor/small", kNow));
  for (const auto& entry : std::filesystem::directory_iterator(scratch.path())) {
    struct stat st {};
    ASSERT_EQ(::stat(entry.path().c_str(), &st), 0);
    EXPECT_EQ(st.st_mode & 0777, 0600u);
  }
}

TEST(IdCache, ForgetsAfterAnHour) {
  IdCache cache({}, "cloud");
  cache.put("flavor/small", "1", kNow);
  EXPECT_TRUE(cache.get("flavor/small", kNow + Millis(3'599'999)));
  EXPECT_FALSE(cache.get("flavor/small", kNow + Millis(3'600'000)));
  EXPECT_FALSE(cache.get("flavor/small", kNow - Millis(1)));  // the clock was set back
}

TEST(IdCache, ForgetsWhenTold) {
  const Scratch scratch;
  IdCache cache(scratch.path(), "cloud");
  cache.put("flavor/small", "1", kNow);
  cache.forget();
  EXPECT_FALSE(cache.get("flavor/small", kNow));
  EXPECT_FALSE(IdCache(scratch.path(), "cloud").get("flavor/small", kNow));
}

TEST(IdCache, SurvivesDamage) {
  const Scratch scratch;
  IdCache(scratch.path(), "cloud").put("flavor/small", "1", kNow);
  const auto file = std::filesystem::directory_iterator(scratch.path())->path();
  for (const char* text : {"", "[]", "{\"identity\":\"cloud\",\"entries\":[]}",
                           "{\"identity\":\"cloud\",\"entries\":{\"flavor/small\":7}}"}) {
    std::ofstream(file, std::ios::trunc) << text;
    EXPECT_FALSE(IdCache(scratch.path(), "cloud").get("flavor/small", kNow)) << text;
  }
}

}  // namespace
}  // namespace tidepool::openstack
