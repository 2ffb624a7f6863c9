#!/usr/bin/env bats
# A cloud that takes a request and then says nothing for a minute.

load ../lab/lib
load cloud
load troubles

setup_file() { troubles_lab_up 2; }
teardown_file() { lab_down; }

@test "asked again after the time-out; an answer that comes late is one" {
  # Nova's creates may take most of a minute on a loaded cloud: waited for. A listing is not.
  sim_api POST faults '{"match": {"method": "GET", "path": "/servers/detail"}, "stall": "90s"}'
  sim_api POST faults '{"match": {"method": "POST", "path": "/servers$"}, "stall": "20s"}'
  [ "$(run_on 1 osg-001)" = osg-001 ]
  grep -q 'the cloud cannot be listed kind=timeout' "$LAB_DIR/log/tidepool.log"
  [ "$(creates 202)" -eq 1 ]
  nothing_left
}
