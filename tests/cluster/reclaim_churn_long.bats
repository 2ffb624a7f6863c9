#!/usr/bin/env bats
# By name only: 200 machines with 1000 jobs for ten minutes, a quarter of an hour in all; 5 GB of memory.
# Time limit: 5400 s
#
# A thousand pilots, five on a machine, step aside and come back as requests come at random, and workers are
# killed meanwhile. MACHINES=N and MINUTES=N make it smaller.

bats_require_minimum_version 1.5.0

load ../lab/lib
load books
load troubles
load holds
load reclaim
load churn

: "${MACHINES:=200}" "${MINUTES:=10}"
readonly EACH=5

setup_file() {
  local first last script
  # The pings of so many slurmds take their time on one machine.
  holds_lab_up "$MACHINES" "{mode: [hibernate], preemptible: true, return_timeout: 30m,
      hibernate_command: [@LAB@/bin/hibernate, '{node}', '{address}'], hibernate_timeout: 120s}" \
    --cpus "$EACH" --slurmd-timeout 600 --resume-timeout 1800
  echo 'reclaim: {opportunistic: [{name: osg, partitions: [osg], min_run: 0s}], settle: 2s, poll: 5s}' >>"$TIDEPOOL_CONFIG"
  sim_api PUT settings '{"count_from_placement": true}'
  quick
  as_slurm tidepool probe --pool osg --guest-wait 0
  quota_is $((MACHINES * EACH))
  # In steps: each boots some forty machines.
  for ((first = 1; first <= MACHINES; first = last + 1)); do
    last=$((first + 39 > MACHINES ? MACHINES : first + 39))
    warm "$(printf 'osg-[%03d-%03d]' "$first" "$last")" $((last - first + 1))
    echo "# $last machines after $SECONDS s" >&3
  done
  script=$(dirname "$REMEMBER")/remember_lightly
  sbatch --parsable --array "1-$((MACHINES * EACH))" -p osg -N 1 -n 1 --output /dev/null \
    --wrap "exec $script $LAB_DIR/jobs/\$SLURM_JOB_ID.memory" >"$LAB_DIR/array"
  wait_until 900 running_are $((MACHINES * EACH))
  echo "# $((MACHINES * EACH)) jobs after $SECONDS s" >&3
}
teardown_file() { lab_down; }

remembering() { [[ $(find "$LAB_DIR/jobs" -name '*.memory' -size +0c | wc -l) == "$1" ]]; }
ended() { [[ $(grep -l ' ended$' "$LAB_DIR"/jobs/*.memory | wc -l) == "$1" ]]; }
completed() { [[ $(squeue -h -r -t COMPLETED -j "$(cat "$LAB_DIR/array")" -o %i | wc -l) == "$1" ]]; }

@test "minutes of requests: no pilot lost, no quota overrun, nobody aside in vain, a fair order" {
  local all=$((MACHINES * EACH)) file
  running >"$LAB_DIR/pilots"
  wait_until 200 remembering "$all"
  for file in "$LAB_DIR"/jobs/*.memory; do cp "$file" "$file.noted"; done
  churn $((MINUTES * 60)) $((all / 10)) 10
  echo "# $(times_asked) requests for $(asked) cores" >&3
  wait_until 600 no_requests
  wait_until 900 no_holds
  running_are "$all"
  no_flapping >&3
  fair
  used_at_most "$all"
  for file in "$LAB_DIR"/jobs/*.memory; do touch "$file.end"; done
  wait_until 900 completed "$all"
  ended "$all"
  # The processes and secrets of the beginning.
  for file in "$LAB_DIR"/jobs/*.memory; do
    [ "$(cut -d' ' -f1,2 "$file")" = "$(cut -d' ' -f1,2 "$file.noted")" ]
  done
  none_restarted
  none_called_dead
}
