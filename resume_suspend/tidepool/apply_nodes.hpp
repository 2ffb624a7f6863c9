// What an apply must tell slurmctld of dynamic nodes.
#pragma once

#include "apply_files.hpp"
#include "setup.hpp"
#include "work/apply_plan.hpp"
#include "work/apply_record.hpp"

namespace tidepool {

// Fills in record.fresh, record.made and record.unmade. What nodes are told to be depends on their
// flavors: the cloud is asked, before anything is begun, when there are such nodes. The exit code;
// complains.
int plan_nodes(Setup& setup, const ApplyFileSet& all, const ApplyPlan& plan, ApplyRecord& record);

// Of the nodes that go when it is undone, those that are in use: "a3 has a lease, …"; empty: none.
std::string used_fresh(const ApplyRecord& record, const ClusterPicture& picture);

}  // namespace tidepool
