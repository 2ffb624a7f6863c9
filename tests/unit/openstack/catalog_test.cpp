#include "openstack/catalog.hpp"

#include <gtest/gtest.h>

#include "openstack/microversion.hpp"
#include "openstack/route.hpp"

namespace tidepool::openstack {
namespace {

const Catalog kCatalog{
    {"compute", "admin", "One", "http://admin:8774/v2.1"},
    {"compute", "public", "One", "http://one:8774/v2.1/"},
    {"compute", "public", "Two", "http://two:8774/v2.1"},
    {"network", "public", "One", "http://one:9696"},
    {"image", "public", "One", "http://one/image/"},
    {"identity", "public", "One", "http://one/identity"},
    {"placement", "public", "One", "http://one/placement"},
};

CloudSettings in(std::string region) {
  CloudSettings settings;
  settings.region_name = std::move(region);
  return settings;
}

TEST(Endpoint, ByInterfaceAndRegion) {
  EXPECT_EQ(*find_endpoint(kCatalog, in(""), Service::compute), "http://one:8774/v2.1");
  EXPECT_EQ(*find_endpoint(kCatalog, in("Two"), Service::compute), "http://two:8774/v2.1");
  CloudSettings admin = in("One");
  admin.interface = "adminURL";
  EXPECT_EQ(*find_endpoint(kCatalog, admin, Service::compute), "http://admin:8774/v2.1");
}

TEST(Endpoint, GetsItsVersion) {
  EXPECT_EQ(*find_endpoint(kCatalog, in("One"), Service::network), "http://one:9696/v2.0");
  EXPECT_EQ(*find_endpoint(kCatalog, in("One"), Service::image), "http://one/image/v2");
  EXPECT_EQ(*find_endpoint(kCatalog, in("One"), Service::identity), "http://one/identity/v3");
  EXPECT_EQ(*find_endpoint(kCatalog, in("One"), Service::placement), "http://one/placement");
  EXPECT_EQ(with_version("http://h/compute/v2.1/0123abcd/", Service::compute),
            "http://h/compute/v2.1/0123abcd");
  EXPECT_EQ(with_version("http://v2.example", Service::image), "http://v2.example/v2");
}

TEST(Endpoint, OverrideBeatsTheCatalog) {
  CloudSettings settings = in("Two");
  settings.endpoint_override["network"] = "https://proxy/net";
  EXPECT_EQ(*find_endpoint(kCatalog, settings, Service::network), "https://proxy/net/v2.0");
}

TEST(Endpoint, SaysWhatThereIs) {
  const auto region = find_endpoint(kCatalog, in("Three"), Service::compute);
  EXPECT_EQ(region.error().kind, ErrorKind::not_found);
  EXPECT_NE(region.error().message.find("One, Two"), std::string::npos);
  const auto service = find_endpoint({kCatalog[3]}, in(""), Service::compute);
  EXPECT_NE(service.error().message.find("network"), std::string::npos);
}

HttpResponse document(const std::string& version) {
  HttpResponse response;
  response.status = 200;
  response.body = R"({"version":{"id":"v2.1","version":")" + version + R"(","min_version":"2.1"}})";
  return response;
}

TEST(Microversion, IsTheLowerOfBoth) {
  EXPECT_EQ(agree_microversion(document("2.93"), "")->str(), "2.93");
  EXPECT_EQ(agree_microversion(document("2.99"), "")->str(), "2.93");
  EXPECT_EQ(agree_microversion(document("2.60"), "")->str(), "2.60");
  EXPECT_EQ(agree_microversion(document("2.93"), "2.79")->str(), "2.79");
  EXPECT_EQ(agree_microversion(document("2.100"), "")->str(), "2.93");
}

TEST(Microversion, BelowTheFloorIsAnErrorThatSaysSo) {
  for (const char* old : {"2.36", "2.1", ""}) {
    const auto agreed = agree_microversion(document(old), "");
    ASSERT_FALSE(agreed) << old;
    EXPECT_EQ(agreed.error().kind, ErrorKind::invalid);
    EXPECT_NE(agreed.error().message.find("2.37"), std::string::npos);
  }
  EXPECT_FALSE(agree_microversion(document("2.93"), "latest"));
  EXPECT_EQ(agree_microversion(document("x"), "").error().kind, ErrorKind::server_error);
}

TEST(Route, HidesIds) {
  EXPECT_EQ(route_of("http://h:1/v2.1/servers/9b535763-8190-4ec0-a3a2-8bd74f6ef0b6/action?x=1"),
            "/v2.1/servers/{id}/action");
  EXPECT_EQ(route_of("http://h/compute/v2.1/flavors/m1.small"), "/compute/v2.1/flavors/{id}");
  EXPECT_EQ(route_of("http://h/v2.1/flavors/detail"), "/v2.1/flavors/detail");
  EXPECT_EQ(route_of("http://h"), "/");
  EXPECT_EQ(route_of("http://h/v2.1/"), "/v2.1/");
}

}  // namespace
}  // namespace tidepool::openstack
