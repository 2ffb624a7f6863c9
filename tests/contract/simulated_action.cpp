#include "cloud_fixture.hpp"

namespace tidepool::openstack {
namespace {

using A = ServerAction;

class ActionsHeldUp : public SimulatorTest {};

TEST_F(ActionsHeldUp, AnotherActionConflictsButDeleteWorks) {
  const std::string id = create_active(0);
  simulator->control("POST", "/outcomes", {{"action", "suspend"}, {"result", "hang"}});
  must(run(cloud->compute().act(id, A::suspend)));
  const Server busy = must(run(cloud->compute().get_server(id)));
  EXPECT_EQ(busy.task_state, "suspending");
  EXPECT_EQ(run(cloud->compute().act(id, A::stop)).error().kind, ErrorKind::conflict);
  EXPECT_EQ(run(cloud->compute().act(id, A::suspend)).error().kind, ErrorKind::conflict);
  must(run(cloud->compute().delete_server(id)));
  wait_gone(id);
}

}  // namespace
}  // namespace tidepool::openstack
