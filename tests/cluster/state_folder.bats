#!/usr/bin/env bats
# The state folder is full, then read-only: hooks say so and fail, slurmctld shows it, and once there
# is room again the nodes come, without anybody asking anew.

load ../lab/lib
load cloud
load troubles

setup_file() {
  troubles_lab_up 5 --suspend-time 600
  # What slurmctld sees as the state folder is a small file system, mounted in slurmctld's own mount
  # namespace only: it goes with slurmctld, whatever becomes of this test.
  small mount -t tmpfs -o size=1m,uid="$(id -u slurm)",gid="$(id -g slurm)",mode=700 tmpfs "$LAB_DIR/state/tidepool"
}
teardown_file() { lab_down; }

# small COMMAND...: runs it where slurmctld's hooks run.
small() { nsenter --mount --root --target "$(cut -d ' ' -f 1 "$LAB_DIR/run/slurmctld.pid")" "$@"; }
# In the tests and in what they load, tidepool is the one that sees the small state folder.
tidepool() { small "$LAB_DIR/bin/programs/tidepool" --config "$TIDEPOOL_CONFIG" "$@"; }
hook() { small "$LAB_DIR/bin/programs/tidepool-$1" --config "$TIDEPOOL_CONFIG" "$2"; }
# shellcheck disable=SC2016 # for the inner shell
fill() { small sh -c 'head -c 4M /dev/zero >"$1/full" 2>/dev/null; [ -s "$1/full" ]' sh "$LAB_DIR/state/tidepool"; }
empty() { small rm "$LAB_DIR/state/tidepool/full"; }
# Beneath a process of its own, a signal to it would not reach the worker.
service() {
  begin nsenter --mount --root --target "$(cut -d ' ' -f 1 "$LAB_DIR/run/slurmctld.pid")" \
    "$LAB_DIR/bin/programs/tidepool" --config "$TIDEPOOL_CONFIG" work --stay
  # shellcheck disable=SC2034 # service_ends reads it
  worker=$!
}
# refusals: how often ResumeProgram has logged that it failed, whoever called it.
refusals() { grep -c 'tidepool-resume\[[0-9]*\] error: ' "$LAB_DIR/log/tidepool.log" || true; }
refusals_are() { [ "$(refusals)" -eq "$1" ]; }

@test "state folder full: the hook says so and fails; with room again the node comes" {
  # A node that has been up before, and two that the store has never heard of.
  [ "$(run_on 1 osg-001)" = osg-001 ]
  # The last one that closes the store takes its log away, and with it the room for one more line.
  wait_until 100 no_worker
  fill
  run hook resume osg-002
  echo "$output"
  [ "$status" -eq 5 ]
  [[ $output == *"the disk is full"* ]]
  # slurmctld's own call fails the same way, and it waits for the node.
  begin run_on 1 osg-003 >"$LAB_DIR/out"
  srun=$!
  wait_until 100 refusals_are 2
  servers_are 1

  empty
  run tidepool work
  echo "$output"
  [ "$status" -eq 0 ]
  wait "$srun"
  [ "$(cat "$LAB_DIR/out")" = osg-003 ]
  noted osg-003 "lost intent taken up"
  # What a hook could not write down for a person, who was told so, is not made up.
  servers_are 2
}

@test "full while the worker works: what it has begun is finished, once, when there is room" {
  service
  # Nova takes its time: the answer comes when there is no room to write it down.
  sim_api POST faults '{"match": {"method": "POST", "path": "/servers$", "body": "osg-004"}, "stall": "10s"}'
  begin run_on 1 osg-004 >"$LAB_DIR/out"
  srun=$!
  wait_until 100 server_made osg-004
  fill
  wait "$srun"
  [ "$(cat "$LAB_DIR/out")" = osg-004 ]
  sleep 10
  empty
  wait_until 100 row_is osg-004 up
  [ "$(server_of osg-004 | wc -l)" -eq 1 ]
  [ "$(row osg-004 | jq -r .server)" = "$(server_of osg-004)" ]
  servers_are 3
  service_ends
}
server_made() { [[ -n $(server_of "$1") ]]; }

@test "state folder read-only: hooks and commands say why, and nothing is forgotten" {
  wait_until 100 no_worker
  wait_until 100 small mount -o remount,ro "$LAB_DIR/state/tidepool"
  run hook suspend osg-001
  echo "$output"
  [ "$status" -eq 5 ]
  [[ $output == *ead-only* || $output == *readonly* ]]
  run tidepool work
  echo "$output"
  [ "$status" -eq 5 ]
  [[ $output == *ead-only* || $output == *readonly* ]]
  refused=$(refusals)
  begin run_on 1 osg-005 >"$LAB_DIR/out"
  srun=$!
  wait_until 100 refusals_are $((refused + 1))
  servers_are 3
  small mount -o remount,rw "$LAB_DIR/state/tidepool"
  # The next hook's worker takes up what the others could not write down.
  run hook suspend osg-001
  [ "$status" -eq 0 ]
  wait "$srun"
  [ "$(cat "$LAB_DIR/out")" = osg-005 ]
  wait_until 200 gone osg-001
  servers_are 3
}
