#!/usr/bin/env bats
# The state folder is full, then read-only: hooks say so and fail, slurmctld shows it, and once there
# is room again the nodes come, without anybody asking anew.

load ../lab/lib
load cloud

setup_file() {
  lab_up --nodes 4 --suspend-time 600 --suspend-timeout 5 --resume-timeout 900
  # What slurmctld sees as the state folder is a small file system, mounted in slurmctld's own mount
  # namespace only: it goes with slurmctld, whatever becomes of this test.
  small mount -t tmpfs -o size=1m,uid="$(id -u slurm)",gid="$(id -g slurm)",mode=700 tmpfs "$LAB_DIR/state/tidepool"
}
teardown_file() { lab_down; }

# small COMMAND...: runs it where slurmctld's hooks run.
small() { nsenter --mount --target "$(cut -d ' ' -f 1 "$LAB_DIR/run/slurmctld.pid")" "$@"; }
fill() { small sh -c 'head -c 4M /dev/zero >"$1/full" 2>/dev/null; [ -s "$1/full" ]' sh "$LAB_DIR/state/tidepool"; }
hook() { small "$LAB_DIR/bin/programs/tidepool-$1" --config "$TIDEPOOL_CONFIG" "$2"; }
# told JOB: slurmctld has called ResumeProgram for the node.
asked() { grep -q "resume $1 " "$LAB_DIR/log/hooks.log"; }
log_has() { grep -q "$1" "$LAB_DIR/log/tidepool.log"; }

@test "state folder full: the hook says so and fails; with room again the node comes" {
  # A node that has been up before, and one that the store has never heard of.
  [ "$(timeout 250 srun -p osg -w osg-001 hostname)" = osg-001 ]
  fill
  run hook resume osg-002
  echo "$output"
  [ "$status" -eq 5 ]
  [[ $output == *full* ]]
  # slurmctld's own call fails the same way.
  timeout 280 srun -p osg -w osg-003 hostname >"$LAB_DIR/out" 3>&- &
  srun=$!
  wait_until 100 asked osg-003
  run small "$LAB_DIR/bin/programs/tidepool" work
  echo "work: $status $output"

  small rm "$LAB_DIR/state/tidepool/full"
  # The service; without it the next hook's worker does the same.
  small "$LAB_DIR/bin/programs/tidepool" --config "$TIDEPOOL_CONFIG" work --stay 3>&- &
  worker=$!
  wait "$srun"
  [ "$(cat "$LAB_DIR/out")" = osg-003 ]
  small "$LAB_DIR/bin/programs/tidepool" pool list
  servers_are 2
  kill -TERM "$worker"
  wait "$worker" || true
}

@test "state folder read-only: the same, and the programs say why" {
  small mount -o remount,ro "$LAB_DIR/state/tidepool"
  run hook suspend osg-001
  echo "$output"
  [ "$status" -eq 5 ]
  [[ $output == *ead-only* || $output == *readonly* ]]
  run small "$LAB_DIR/bin/programs/tidepool" --config "$TIDEPOOL_CONFIG" work
  echo "$output"
  [ "$status" -eq 5 ]
  servers_are 2
  small mount -o remount,rw "$LAB_DIR/state/tidepool"
  run hook suspend osg-001
  [ "$status" -eq 0 ]
  wait_until 200 servers_are 1
}
