// AdminTest: tests that need an administrator beside the project's member.
#pragma once

#include "cloud_fixture.hpp"
#include "operator.hpp"

namespace tidepool::openstack {

class AdminTest : public CloudTest {
 protected:
  void SetUp() override;
  // Without quotas, and unlocked what was locked.
  void TearDown() override;

  // Of the test's project; -1 is no limit.
  void set_quota(int instances, int cores, int ram_mib);
  // An action without arguments, as administrator: "lock", "shelveOffload", …
  Result<void> act_as_admin(const std::string& id, const std::string& action);
  Allocations allocations(const std::string& id);

  std::unique_ptr<Cloud> admin;

 private:
  std::string project_id_;
  bool limited_ = false;
};

}  // namespace tidepool::openstack
