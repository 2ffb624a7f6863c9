// Requests for room as `reclaim` and `status` print them.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "work/reclaim_forecast.hpp"

namespace tidepool {

nlohmann::ordered_json reclaim_json(const ReclaimRecord& request);
nlohmann::ordered_json forecast_json(const Forecast& forecast);

// A table; nothing at all when there is none.
void print_reclaims(const std::vector<ReclaimRecord>& requests);
// Who would step aside and why, who is left out and why.
void print_forecast(const ReclaimRecord& request, const Forecast& forecast);

}  // namespace tidepool
