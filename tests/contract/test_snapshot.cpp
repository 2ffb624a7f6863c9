// Snapshots: createImage, and servers made of what came of it.
#include "act_fixture.hpp"

namespace tidepool::openstack {
namespace {

class Snapshot : public ActTest {
 protected:
  void TearDown() override {
    // Images that a test has left, also the "-shelved" one of a server that was deleted.
    for (const std::string& id : images_) must(run(cloud->image().delete_image(id)));
    ActTest::TearDown();
  }
  std::string snapshot(const std::string& server_id, const std::string& name) {
    const std::string id = must(run(cloud->compute().create_image(server_id, name)));
    images_.push_back(id);
    wait(server_id, [](const Server& s) { return s.task_state.empty(); });
    return id;
  }

 private:
  std::vector<std::string> images_;
};

TEST_F(Snapshot, AServerIsMadeAnewFromItsImageUnderTheSameNameAndAddress) {
  const std::string id = create_active(0);
  const std::string taken = snapshot(id, "tidepool-contract-snapshot");
  EXPECT_EQ(must(run(cloud->image().get_image(taken))).name, "tidepool-contract-snapshot");
  EXPECT_EQ(must(run(cloud->compute().get_server(id))).status, "ACTIVE");
  const bool active =
      wait_until([&] { return must(run(cloud->image().get_image(taken))).status == "active"; });
  EXPECT_TRUE(active);
  expect_gone(id);
  ServerRequest wanted = request(0);
  wanted.image_id = taken;
  const Server back = wait_status(must(create(wanted)), "ACTIVE");
  EXPECT_EQ(back.name, wanted.name);
  EXPECT_EQ(back.addresses, std::vector<std::string>{address(0)});
  // The image may go while its server runs, and is gone then.
  must(run(cloud->image().delete_image(taken)));
  must(run(cloud->image().delete_image(taken)));
  EXPECT_EQ(run(cloud->image().get_image(taken)).error().kind, ErrorKind::not_found);
}

TEST_F(Snapshot, IsTakenOfWhatIsOffOrHeldButNotOfWhatIsShelved) {
  const std::string id = create_active(0);
  for (const char* state : {"PAUSED", "SUSPENDED", "SHUTOFF"}) {
    bring(id, state);
    snapshot(id, state);
    EXPECT_EQ(must(run(cloud->compute().get_server(id))).status, state);
    go_back(id, state);
  }
  bring(id, "SHELVED");
  EXPECT_EQ(run(cloud->compute().create_image(id, "x")).error().kind, ErrorKind::conflict);
}

TEST_F(Snapshot, AnImageThatIsNotCompleteMakesNoServer) {
  const nlohmann::json wish = {
      {"name", "tidepool-contract-empty"}, {"disk_format", "raw"}, {"container_format", "bare"}};
  const auto made = must(ask(*cloud, "POST", "/images", wish, Service::image));
  const std::string empty = made["id"];
  EXPECT_EQ(must(run(cloud->image().get_image(empty))).status, "queued");
  ServerRequest wanted = request(0);
  wanted.image_id = empty;
  EXPECT_EQ(create(wanted).error().kind, ErrorKind::bad_request);
  must(run(cloud->image().delete_image(empty)));
}

TEST_F(Snapshot, ShelvingLeavesAnImageThatUnshelvingAndDeletingRemove) {
  const auto shelved = [&] {
    const std::string path = "/images?name=" + request(0).name + "-shelved";
    return must(ask(*cloud, "GET", path, nullptr, Service::image))["images"].size();
  };
  const std::string id = create_active(0);
  const std::size_t before = shelved();
  bring(id, "SHELVED");
  EXPECT_EQ(shelved(), before + 1);
  go_back(id, "SHELVED");
  EXPECT_EQ(shelved(), before);
  bring(id, "SHELVED");
  expect_gone(id);
  EXPECT_EQ(shelved(), before);
}

}  // namespace
}  // namespace tidepool::openstack
