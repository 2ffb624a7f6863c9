// A probe's result for people.
#pragma once

#include "work/probe_report.hpp"

namespace tidepool {

void print_probe(const ProbeReport& report);

}  // namespace tidepool
