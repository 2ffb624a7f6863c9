#include "base/hostlist.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace tidepool {
namespace {

using Names = std::vector<std::string>;

Names expanded(std::string_view text) {
  auto names = expand_hostlist(text);
  EXPECT_TRUE(names) << text << ": " << (names ? "" : names.error().message);
  return names.value_or(Names{});
}

TEST(Hostlist, ExpandsInTheOrderWritten) {
  EXPECT_EQ(expanded("osg-[001-003,007],gpu1"),
            (Names{"osg-001", "osg-002", "osg-003", "osg-007", "gpu1"}));
  EXPECT_EQ(expanded("n[5,3,3]"), (Names{"n5", "n3", "n3"}));
  EXPECT_EQ(expanded("r[1-2]n[1-2]"), (Names{"r1n1", "r1n2", "r2n1", "r2n2"}));
  EXPECT_EQ(expanded("gpu-[1-2]-x"), (Names{"gpu-1-x", "gpu-2-x"}));
  EXPECT_EQ(expanded(""), Names{});
}

TEST(Hostlist, PadsAsTheLeftEndDoes) {
  EXPECT_EQ(expanded("n[08-11]"), (Names{"n08", "n09", "n10", "n11"}));
  EXPECT_EQ(expanded("n[8-11]"), (Names{"n8", "n9", "n10", "n11"}));
  EXPECT_EQ(expanded("n[099-101]"), (Names{"n099", "n100", "n101"}));
  EXPECT_EQ(expanded("n[00-1]"), (Names{"n00", "n01"}));
}

TEST(Hostlist, FindsUnevenPadding) {
  EXPECT_EQ(find_uneven_padding("osg-[1-010]"), 5u);
  EXPECT_EQ(find_uneven_padding("a[01-02],osg-[001-10]"), 14u);
  EXPECT_EQ(find_uneven_padding("osg-[001-200],n[8-11],m[0-3],k[08-10]"), std::string_view::npos);
}

struct Wrong {
  const char* text;
  const char* words;
};

TEST(Hostlist, RefusesNonsenseAndSaysWhere) {
  for (const auto& [text, words] : {
           Wrong{"n[1-3", "']' is missing at character 6"},
           Wrong{"n[3-1]", "the range runs backwards at character 5"},
           Wrong{"n[]", "a number is missing at character 3"},
           Wrong{"n[1,]", "a number is missing at character 5"},
           Wrong{"n[a-c]", "a number is missing at character 3"},
           Wrong{"n[1;2]", "',' or ']' is expected at character 4"},
           Wrong{"n[1-2]]", "an unexpected character at character 7"},
           Wrong{"a b", "an unexpected character at character 2"},
           Wrong{"a\nb", "an unexpected character at character 2"},
           Wrong{"a,,b", "a name is missing at character 3"},
           Wrong{"a,", "a name is missing at character 3"},
           Wrong{"n[1-99999999999999999999]", "the number is too long at character 5"},
       }) {
    auto names = expand_hostlist(text);
    ASSERT_FALSE(names) << text;
    EXPECT_EQ(names.error().kind, ErrorKind::invalid);
    EXPECT_NE(names.error().message.find(words), std::string::npos) << names.error().message;
  }
}

TEST(Hostlist, CapsFloods) {
  EXPECT_FALSE(expand_hostlist("n[0-999999999]"));
  EXPECT_FALSE(expand_hostlist("n[0-999999999999999999]"));
  EXPECT_FALSE(expand_hostlist("n[0-999][0-999]"));
  EXPECT_FALSE(expand_hostlist("n[1-3],m[1-3]", 5));
  EXPECT_EQ(expand_hostlist("n[1-3],m[1-2]", 5)->size(), 5u);
  EXPECT_EQ(expand_hostlist("n[1-65536]")->size(), 65'536u);
  EXPECT_FALSE(expand_hostlist("n[1-65536]" + std::string(100'000, 'x')));
  EXPECT_FALSE(expand_hostlist(std::string(300, 'x')));
}

TEST(Hostlist, Formats) {
  EXPECT_EQ(format_hostlist({"osg-002", "osg-001"}), "osg-[001-002]");
  EXPECT_EQ(format_hostlist({"n10", "n9", "n1", "n9"}), "n[1,9-10]");
  EXPECT_EQ(format_hostlist({"n099", "n100", "n101"}), "n[099-101]");
  EXPECT_EQ(format_hostlist({"b", "a", "n1"}), "a,b,n1");
  EXPECT_EQ(format_hostlist({"n9", "n", "n8"}), "n,n[8-9]");
  EXPECT_EQ(format_hostlist({}), "");
  // One name, two paddings: never one range.
  EXPECT_EQ(expanded(format_hostlist({"n1", "n01", "n02", "n3"})),
            (Names{"n1", "n3", "n01", "n02"}));
}

TEST(Hostlist, SortsNumbersByValue) {
  Names names{"n10", "n9", "m2", "n009", "n"};
  sort_hosts(names);
  EXPECT_EQ(names, (Names{"m2", "n", "n9", "n009", "n10"}));
}

TEST(Hostlist, FormatThenExpandLosesNothing) {
  std::mt19937 random(20);  // a fixed seed: the same names every time
  const Names prefixes{"osg-", "n", "r1n", "gpu", "10.0.0."};
  for (int round = 0; round < 300; ++round) {
    Names names;
    for (unsigned i = random() % 40; i > 0; --i) {
      std::string digits = std::to_string(random() % 130);
      if (random() % 3 == 0) digits.insert(0, random() % 3, '0');
      names.push_back(prefixes[random() % prefixes.size()] + digits);
    }
    const auto text = format_hostlist(names);
    auto back = expanded(text);
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    std::sort(back.begin(), back.end());
    EXPECT_EQ(back, names) << text;
  }
}

}  // namespace
}  // namespace tidepool
