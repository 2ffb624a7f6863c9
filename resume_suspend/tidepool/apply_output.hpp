// How `tidepool apply` shows its plan and its outcome.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "work/apply.hpp"
#include "work/apply_plan.hpp"

namespace tidepool {

nlohmann::ordered_json plan_json(const ApplyPlan& plan);
nlohmann::ordered_json outcome_json(const ApplyOutcome& outcome);
void print_plan(const ApplyPlan& plan);
void print_outcome(const ApplyOutcome& outcome);

}  // namespace tidepool
