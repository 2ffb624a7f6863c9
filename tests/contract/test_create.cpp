#include <algorithm>

#include "cloud_fixture.hpp"
#include "openstack/errors.hpp"

namespace tidepool::openstack {
namespace {

const std::string kNobody = "00000000-0000-0000-0000-000000000000";

class Create : public CloudTest {
 protected:
  ErrorKind refused(const ServerRequest& wanted) {
    const auto id = create(wanted);
    if (id) {
      ADD_FAILURE() << "accepted";
      return ErrorKind::internal;
    }
    EXPECT_FALSE(id.error().maybe_done);
    EXPECT_FALSE(id.error().message.empty());
    return id.error().kind;
  }
};
class CreateLimits : public SimulatorTest {};

TEST_F(Create, GivesTheAddressAndMetadataThatWereAskedFor) {
  ServerRequest wanted = request(0);
  wanted.user_data = "#cloud-config\n";
  wanted.config_drive = true;
  const std::string id = must(create(wanted));
  const Server server = wait_status(id, "ACTIVE");
  EXPECT_EQ(server.addresses, std::vector<std::string>{address(0)});
  EXPECT_EQ(server.metadata, wanted.metadata);
  EXPECT_EQ(server.name, wanted.name);
  EXPECT_EQ(server.vm_state, "active");
  EXPECT_GT(to_millis(server.launched), 0);
  EXPECT_TRUE(server.fault.empty());
}

TEST_F(Create, LeavesTheAddressToTheNetwork) {
  ServerRequest wanted = request(0);
  wanted.fixed_ip.clear();
  EXPECT_EQ(wait_status(must(create(wanted)), "ACTIVE").addresses.size(), 1u);
}

TEST_F(Create, TheAddressBelongsToThePortOfTheServer) {
  const std::string id = create_active(0);
  const auto ports = must(run(cloud->network().list_ports(network.id)));
  const auto port =
      std::find_if(ports.begin(), ports.end(), [&](const Port& p) { return p.device_id == id; });
  ASSERT_NE(port, ports.end());
  EXPECT_EQ(port->addresses, std::vector<std::string>{address(0)});
  EXPECT_EQ(port->network_id, network.id);
}

TEST_F(Create, AnAddressInUseIsRefusedUntilItsServerIsGone) {
  const std::string id = create_active(0);
  EXPECT_EQ(refused(request(0)), ErrorKind::address_in_use);
  must(run(cloud->compute().delete_server(id)));
  wait_gone(id);
  create_active(0);
}

TEST_F(Create, AnAddressOutsideTheSubnetEndsInError) {
  ServerRequest wanted = request(0);
  wanted.fixed_ip = "192.0.2.77";
  const Server server =
      wait(must(create(wanted)), [](const Server& s) { return s.status == "ERROR"; });
  EXPECT_EQ(fault_kind(server.fault), ErrorKind::bad_request);
}

TEST_F(Create, NoHostFitsEndsInError) {
  const std::string name = option("TIDEPOOL_CONTRACT_HUGE_FLAVOR", "huge");
  if (name.empty()) GTEST_SKIP() << "no flavor that fits nowhere";
  ServerRequest wanted = request(0);
  wanted.flavor_id = must(run(cloud->compute().find_flavor(name))).id;
  const Server server =
      wait(must(create(wanted)), [](const Server& s) { return s.status == "ERROR"; });
  EXPECT_EQ(fault_kind(server.fault), ErrorKind::no_valid_host);
  EXPECT_EQ(server.fault_code, 500);
}

TEST_F(Create, WhatDoesNotExistIsABadRequest) {
  ServerRequest wanted = request(0);
  wanted.flavor_id = "no-such-flavor";
  EXPECT_EQ(refused(wanted), ErrorKind::bad_request);
  wanted = request(0);
  wanted.image_id = kNobody;
  EXPECT_EQ(refused(wanted), ErrorKind::bad_request);
  wanted = request(0);
  wanted.network_id = kNobody;
  EXPECT_EQ(refused(wanted), ErrorKind::bad_request);
  wanted = request(0);
  wanted.port_id = kNobody;
  EXPECT_EQ(refused(wanted), ErrorKind::bad_request);
}

TEST_F(Create, NamesThatFitNothingAreNotFound) {
  EXPECT_EQ(run(cloud->compute().find_flavor("no-such")).error().kind, ErrorKind::not_found);
  EXPECT_EQ(run(cloud->image().find_image("no-such")).error().kind, ErrorKind::not_found);
  EXPECT_EQ(run(cloud->image().find_image(kNobody)).error().kind, ErrorKind::not_found);
  EXPECT_EQ(run(cloud->network().find_network("no-such")).error().kind, ErrorKind::not_found);
  EXPECT_EQ(run(cloud->network().find_network(kNobody)).error().kind, ErrorKind::not_found);
  EXPECT_EQ(run(cloud->compute().get_server(kNobody)).error().kind, ErrorKind::not_found);
}

TEST_F(Create, IdsFindWhatNamesFind) {
  EXPECT_EQ(must(run(cloud->compute().find_flavor(flavor.id))).name, flavor.name);
  EXPECT_EQ(must(run(cloud->image().find_image(image.id))).name, image.name);
  EXPECT_EQ(must(run(cloud->network().find_network(network.id))).name, network.name);
}

TEST_F(Create, LimitsCountTheServer) {
  const Limits before = must(run(cloud->compute().limits()));
  create_active(0);
  const Limits after = must(run(cloud->compute().limits()));
  EXPECT_EQ(after.used_instances, before.used_instances + 1);
  EXPECT_EQ(after.used_cores, before.used_cores + flavor.vcpus);
  EXPECT_EQ(after.used_ram_mib, before.used_ram_mib + flavor.ram_mib);
}

TEST_F(Create, TheListHasEveryPage) {
  std::vector<std::string> made;
  for (int n = 0; n < 7; ++n) made.push_back(must(create(request(n))));
  const auto servers = must(run(cloud->compute().list_servers(3)));
  for (const std::string& id : made)
    EXPECT_EQ(
        std::count_if(servers.begin(), servers.end(), [&](const Server& s) { return s.id == id; }),
        1)
        << id;
  for (const Server& server : servers) {
    if (std::find(made.begin(), made.end(), server.id) != made.end()) {
      EXPECT_EQ(server.meta(kMetaCluster), "contract");
    }
  }
}

TEST_F(Create, TheConsoleIsThereOrNotFound) {
  const auto log = run(cloud->compute().console_log(create_active(0), 20));
  EXPECT_TRUE(log || log.error().kind == ErrorKind::not_found);
  EXPECT_EQ(run(cloud->compute().console_log(kNobody, 20)).error().kind, ErrorKind::not_found);
}

TEST_F(CreateLimits, TheQuotaIsNamed) {
  simulator->control("PUT", "/quotas/demo", {{"instances", 1}});
  create_active(0);
  const auto second = create(request(1));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::quota);
  EXPECT_NE(second.error().message.find("instances"), std::string::npos);
  EXPECT_FALSE(second.error().request_id.empty());
}

TEST_F(CreateLimits, AMemberMayNotChooseAddressesOnAForeignNetwork) {
  ServerRequest wanted = request(0);
  const NetworkInfo campus = must(run(cloud->network().find_network("campus")));
  EXPECT_TRUE(campus.shared);
  wanted.network_id = campus.id;
  wanted.fixed_ip = "10.99.0.9";
  const Server server =
      wait(must(create(wanted)), [](const Server& s) { return s.status == "ERROR"; });
  EXPECT_EQ(fault_kind(server.fault), ErrorKind::server_error);
}

TEST_F(CreateLimits, RequestsForNewNodesStayAtTheFloor) {
  const auto fresh = connect(cloud->session().settings());
  for (int n = 0; n < 5; ++n) must(run(fresh->compute().create_server(request(n))));
  must(run(fresh->compute().list_servers()));
  int total = 0;
  for (const auto& [route, count] : fresh->counts()) total += count;
  EXPECT_EQ(total, 1 + 1 + 5 + 1);  // token, version, creates, list
}

}  // namespace
}  // namespace tidepool::openstack
