#include "base/address.hpp"

#include <gtest/gtest.h>

namespace tidepool {
namespace {

std::vector<std::string> texts(const std::vector<Ipv4>& all) {
  std::vector<std::string> out;
  for (const auto a : all) out.push_back(a.str());
  return out;
}
using Texts = std::vector<std::string>;

TEST(Ipv4, ReadsDottedQuads) {
  EXPECT_EQ(Ipv4::parse("10.0.0.7")->value(), 0x0a000007u);
  EXPECT_EQ(Ipv4::parse("255.255.255.255")->str(), "255.255.255.255");
  EXPECT_EQ(Ipv4::parse("0.0.0.0")->str(), "0.0.0.0");
}

TEST(Ipv4, RefusesOtherSpellings) {
  for (const char* text :
       {"", "10.0.0", "10.0.0.7.1", "10.0.0.256", "10.0.0.07", "10.0.0.7 ", " 10.0.0.7", "10..0.7",
        "10.0.0.-1", "a.b.c.d", "10.0.0.0x7", "::1", "10.0.0.7/24"})
    EXPECT_FALSE(Ipv4::parse(text)) << text;
}

TEST(Cidr, ReadsAndContains) {
  const auto net = Cidr::parse("10.0.1.0/24");
  ASSERT_TRUE(net);
  EXPECT_EQ(net->str(), "10.0.1.0/24");
  EXPECT_EQ(net->broadcast().str(), "10.0.1.255");
  EXPECT_TRUE(net->contains(*Ipv4::parse("10.0.1.255")));
  EXPECT_FALSE(net->contains(*Ipv4::parse("10.0.2.0")));
  EXPECT_TRUE(Cidr::parse("0.0.0.0/0")->contains(*Ipv4::parse("203.0.113.9")));
}

TEST(Cidr, RefusesHostBitsAndNamesTheRightSpelling) {
  const auto net = Cidr::parse("10.0.1.7/24");
  ASSERT_FALSE(net);
  EXPECT_NE(net.error().message.find("write 10.0.1.0/24"), std::string::npos)
      << net.error().message;
  for (const char* text : {"10.0.1.0", "10.0.1.0/", "10.0.1.0/33", "10.0.1.0/-1", "10.0.1.0/2x",
                           "10.0.1.0/024", "/24", "10.0.1/24"})
    EXPECT_FALSE(Cidr::parse(text)) << text;
}

TEST(Cidr, UsableLeavesNetworkAndBroadcastOut) {
  EXPECT_EQ(texts(Cidr::parse("10.0.1.0/30")->usable(9)), (Texts{"10.0.1.1", "10.0.1.2"}));
  EXPECT_EQ(texts(Cidr::parse("10.0.1.0/31")->usable(9)), (Texts{"10.0.1.0", "10.0.1.1"}));
  EXPECT_EQ(texts(Cidr::parse("10.0.1.9/32")->usable(9)), (Texts{"10.0.1.9"}));
  EXPECT_EQ(texts(Cidr::parse("255.255.255.0/24")->usable(2)),
            (Texts{"255.255.255.1", "255.255.255.2"}));
  EXPECT_EQ(Cidr::parse("0.0.0.0/0")->usable(3).size(), 3u);
}

TEST(Addresses, ExpandInOrder) {
  EXPECT_EQ(texts(*expand_addresses("10.0.0.[1-3,9],10.0.1.4")),
            (Texts{"10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.9", "10.0.1.4"}));
  EXPECT_EQ(expand_addresses("10.0.[0-1].[0-255]")->size(), 512u);
}

TEST(Addresses, RefuseWhatIsNoAddress) {
  for (const char* text : {"10.0.0.[250-256]", "10.0.0.[01-03]", "host[1-2]", "10.0.0.[1-2"})
    EXPECT_FALSE(expand_addresses(text)) << text;
  EXPECT_FALSE(expand_addresses("10.[0-255].[0-255].[0-255]"));
}

}  // namespace
}  // namespace tidepool
