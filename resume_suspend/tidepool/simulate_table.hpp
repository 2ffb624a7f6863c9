// What `tidepool simulate` prints.
#pragma once

#include <vector>

#include "plan/figures.hpp"
#include "plan/model.hpp"
#include "plan/trace.hpp"

namespace tidepool {

void print_simulation(const plan::Trace& trace, const plan::Model& model,
                      const std::vector<plan::Figures>& figures);
void print_simulation_json(const plan::Trace& trace, const plan::Model& model,
                           const std::vector<plan::Figures>& figures);

}  // namespace tidepool
