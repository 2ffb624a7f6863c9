#include "admin_fixture.hpp"

namespace tidepool::openstack {

using Json = nlohmann::json;

void AdminTest::SetUp() {
  CloudTest::SetUp();
  if (HasFatalFailure()) return;
  const auto given = settings(option("TIDEPOOL_CONTRACT_ADMIN", "admin"));
  if (!given) GTEST_SKIP() << "clouds.yaml has no administrator";
  admin = connect(*given);
  project_id_ = must(run(cloud->session().identity())).project_id;
}

void AdminTest::TearDown() {
  if (admin && limited_) set_quota(-1, -1, -1);
  CloudTest::TearDown();
}

void AdminTest::set_quota(int instances, int cores, int ram_mib) {
  limited_ = true;
  // force: also below what is in use.
  const Json body = {
      {"quota_set",
       {{"instances", instances}, {"cores", cores}, {"ram", ram_mib}, {"force", true}}}};
  must(ask(*admin, "PUT", "/os-quota-sets/" + project_id_, body));
}

Result<void> AdminTest::act_as_admin(const std::string& id, const std::string& action) {
  const auto answer = ask(*admin, "POST", "/servers/" + id + "/action", {{action, nullptr}});
  if (!answer) return fail(answer.error());
  return {};
}

Allocations AdminTest::allocations(const std::string& id) {
  return must(run(admin->placement().allocations(id)));
}

}  // namespace tidepool::openstack
