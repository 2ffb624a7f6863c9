#include "work/probe_report.hpp"

namespace tidepool {

std::string_view to_string(ProbeStep step) {
  switch (step) {
    case ProbeStep::pause:
      return "pause";
    case ProbeStep::suspend:
      return "suspend";
    case ProbeStep::stop:
      return "stop";
    case ProbeStep::shelve:
      return "shelve";
    case ProbeStep::shelve_offload:
      return "shelve-offload";
    case ProbeStep::snapshot:
      return "snapshot+delete";
    case ProbeStep::remove:
      return "delete";
  }
  return "";
}

std::string_view to_string(ProbeOutcome outcome) {
  switch (outcome) {
    case ProbeOutcome::done:
      return "done";
    case ProbeOutcome::forbidden:
      return "forbidden";
    case ProbeOutcome::refused:
      return "refused";
    case ProbeOutcome::failed:
      return "failed";
    case ProbeOutcome::slow:
      return "slow";
    case ProbeOutcome::not_tried:
      return "not tried";
  }
  return "";
}

const ProbeMeasure* ProbeReport::find(ProbeStep step) const {
  for (const auto& measure : measures)
    if (measure.step == step) return &measure;
  return nullptr;
}

}  // namespace tidepool
