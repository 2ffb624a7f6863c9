// A lock that is asked for, not taken; a file that is replaced and stays what it was.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/file.hpp"
#include "base/lock.hpp"
#include "scratch.hpp"

namespace tidepool {
namespace {

TEST(FileLocks, AskingTakesNothing) {
  const Scratch scratch;
  const auto path = scratch.path("lock");
  EXPECT_FALSE(FileLock::is_held(path));
  {
    auto lock = FileLock::try_lock(path);
    ASSERT_TRUE(lock);
    EXPECT_TRUE(FileLock::is_held(path));
    EXPECT_TRUE(FileLock::is_held(path));
  }
  EXPECT_FALSE(FileLock::is_held(path));
  EXPECT_TRUE(FileLock::try_lock(path));
}

TEST(ReplacedFiles, KeepModeAndLink) {
  const Scratch scratch;
  const auto file = scratch.write("conf", "old", 0640);
  const auto link = scratch.path("link");
  std::filesystem::create_symlink(file, link);
  ASSERT_TRUE(replace_file(link, "old", scratch.path("copy")));
  ASSERT_TRUE(replace_file(link, "new", link));
  EXPECT_EQ(*read_file(file), "new");
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_EQ(*read_file(scratch.path("copy")), "old");
  struct stat st {};
  ASSERT_EQ(::stat(scratch.path("copy").c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07777, 0640U);
  EXPECT_FALSE(replace_file(scratch.path("none"), "x", scratch.path("none")));
}

}  // namespace
}  // namespace tidepool
