#include "openstack/server_json.hpp"

#include <gtest/gtest.h>

#include "answers.hpp"
#include "openstack/base64.hpp"

namespace tidepool::openstack {
namespace {

using Json = nlohmann::json;

Json sample(const std::string& name) {
  for (const auto& entry : answers("servers.json"))
    if (entry["case"] == name) return entry["server"];
  ADD_FAILURE() << name;
  return {};
}

TEST(ServerJson, ReadsEveryRealServer) {
  for (const auto& entry : answers("servers.json")) {
    const auto server = read_server(entry["server"]);
    ASSERT_TRUE(server) << entry["case"] << server.error().message;
    EXPECT_EQ(server->id.size(), 36u);
    EXPECT_GT(to_millis(server->created), 0);
  }
}

TEST(ServerJson, Fields) {
  const auto server = *read_server(sample("server-show-suspended-2.93"));
  EXPECT_EQ(server.status, "SUSPENDED");
  EXPECT_EQ(server.vm_state, "suspended");
  EXPECT_EQ(server.task_state, "");
  EXPECT_EQ(server.power_state, 1);
  EXPECT_EQ(server.addresses, std::vector<std::string>{"10.20.7.100"});
  EXPECT_EQ(server.meta("k"), "0");
  EXPECT_EQ(server.meta("none"), "");
  EXPECT_FALSE(server.locked);
  EXPECT_EQ(format_time(server.launched), "2026-11-22T16:12:00Z");
  const auto failed = *read_server(sample("server-error-no-valid-host"));
  EXPECT_EQ(failed.fault_code, 500);
  EXPECT_EQ(failed.fault.substr(0, 19), "No valid host was f");
  EXPECT_EQ(to_millis(failed.launched), 0);
}

TEST(ServerJson, MissingFieldsAreTolerated) {
  const auto server = read_server({{"id", "x"}, {"status", "BUILD"}});
  ASSERT_TRUE(server);
  EXPECT_EQ(server->power_state, 0);
  EXPECT_FALSE(read_server({{"id", "x"}}));
  EXPECT_FALSE(read_server(Json::array()));
}

TEST(ServerJson, WrongShapesAreNamed) {
  const std::vector<std::pair<std::string, Json>> wrong{
      {"status", 7},
      {"metadata", Json::array()},
      {"addresses", "none"},
      {"OS-EXT-STS:power_state", "1"},
      {"locked", "no"},
      {"created", "yesterday"},
      {"fault", "bad luck"},
      {"metadata", {{"k", 1}}},
      {"addresses", {{"net", {{"addr", "10.0.0.1"}}}}},
      {"addresses", {{"net", Json::array({Json{{"version", 4}}})}}},
      {"OS-EXT-STS:power_state", 99999999999}};
  for (const auto& [field, value] : wrong) {
    Json object = sample("server-show-active-2.93");
    object[field] = value;
    const auto server = read_server(object);
    ASSERT_FALSE(server) << field << value;
    EXPECT_EQ(server.error().kind, ErrorKind::server_error);
    EXPECT_NE(server.error().message.find(field == "addresses" ? "addr" : field), std::string::npos)
        << server.error().message;
  }
}

TEST(ServerJson, FixedAddressesComeFirstAndV6StaysOut) {
  Json object = sample("server-show-active-2.93");
  object["addresses"] = {{"net",
                          {{{"version", 4}, {"addr", "192.0.2.9"}, {"OS-EXT-IPS:type", "floating"}},
                           {{"version", 6}, {"addr", "2001:db8::9"}, {"OS-EXT-IPS:type", "fixed"}},
                           {{"version", 4}, {"addr", "10.0.0.9"}, {"OS-EXT-IPS:type", "fixed"}}}}};
  EXPECT_EQ(read_server(object)->addresses, (std::vector<std::string>{"10.0.0.9", "192.0.2.9"}));
}

TEST(ServerJson, WritesWhatNovaWants) {
  ServerRequest request;
  request.name = "osg-001";
  request.flavor_id = "f";
  request.image_id = "i";
  request.network_id = "n";
  request.fixed_ip = "10.0.0.9";
  request.metadata = {{kMetaNode, "osg-001"}};
  request.user_data = "#!/bin/sh\n";
  request.security_groups = {"default"};
  const Json expected = {{"server",
                          {{"name", "osg-001"},
                           {"flavorRef", "f"},
                           {"imageRef", "i"},
                           {"networks", {{{"uuid", "n"}, {"fixed_ip", "10.0.0.9"}}}},
                           {"metadata", {{"tidepool-node", "osg-001"}}},
                           {"security_groups", {{{"name", "default"}}}},
                           {"user_data", "IyEvYmluL3NoCg=="}}}};
  EXPECT_EQ(*write_server(request), expected);
  request.port_id = "p";
  EXPECT_EQ((*write_server(request))["server"]["networks"], Json::parse(R"([{"port":"p"}])"));
}

TEST(ServerJson, UserDataHasALimit) {
  ServerRequest request;
  request.user_data = std::string(49'149, 'x');  // 65532 once encoded
  EXPECT_TRUE(write_server(request));
  request.user_data = std::string(49'152, 'x');  // 65536
  EXPECT_EQ(write_server(request).error().kind, ErrorKind::invalid);
}

TEST(Base64, AsInTheRfc) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64("\xff\xfe\xfd"), "//79");
}

}  // namespace
}  // namespace tidepool::openstack
