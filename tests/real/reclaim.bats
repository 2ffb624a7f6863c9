#!/usr/bin/env bats
# By name only: restarts nova twice and makes sixteen servers, about five minutes.
# Time limit: 1500 s
#
# Pilots step aside for a job on real nova, whose quota counts cores from placement: ten pilots fill it, a
# job of six nodes comes, six pilots' servers are stopped by the power key (which their guests take for
# "hibernate"), shelved and offloaded; the job runs in their room; they are unshelved, and all go on.

bats_require_minimum_version 1.5.0

load ../lab/lib
load real
load ../cluster/holds
load ../cluster/reclaim

CLOUD=$BATS_TEST_DIRNAME/../openstack/cloud

setup_file() {
  local i
  cp "$TIDEPOOL_REAL_CLOUD_DIR/settings" "$BATS_FILE_TMPDIR/settings"
  real_tidy
  "$CLOUD" up --dir "$TIDEPOOL_REAL_CLOUD_DIR" --offload-time 0 --count-from-placement 3>&-
  holds_lab_up 10 '{mode: [hibernate], preemptible: true}' --compute-nodes 6 --suspend-time 5
  # The pool has no command: nova presses the key.
  sed -i '/^  osg:/,/^  compute:/ s/^    hold:/    guest: {hibernate: image}\n&/' "$TIDEPOOL_CONFIG"
  echo 'reclaim: {opportunistic: [{name: osg, partitions: [osg], min_run: 0s}], settle: 1s, poll: 5s}' >>"$TIDEPOOL_CONFIG"
  for i in {01..10}; do echo "osg-0$i power-key"; done >"$LAB_DIR/etc/guests"
  as_slurm tidepool probe --pool osg --guest-wait 0
  quota_cores 10
  # The nodes first: their jobs begin at once then.
  warm 'osg-[001-010]' 10
  pilots 10
}
teardown_file() {
  local OFFLOAD_TIME=0 COUNT_FROM_PLACEMENT=false from=database
  quota_cores -1
  real_down
  # shellcheck source=/dev/null
  source "$BATS_FILE_TMPDIR/settings"
  [[ $COUNT_FROM_PLACEMENT != true ]] || from=placement
  "$CLOUD" up --dir "$TIDEPOOL_REAL_CLOUD_DIR" --offload-time "$OFFLOAD_TIME" "--count-from-$from" 3>&-
}
setup() { mapfile -t PILOTS <"$LAB_DIR/pilots"; }

quota_cores() {
  admin PUT "compute/v2.1/os-quota-sets/$(_project demo)" "{\"quota_set\": {\"cores\": $1, \"force\": true}}" >/dev/null
}
cores_used() { member GET compute/v2.1/limits | jq .limits.absolute.totalCoresUsed; }
cores_are() { [[ $(cores_used) == "$1" ]]; }

@test "ten pilots fill the quota; a job of six nodes runs, in the room of six pilots" {
  local began=$SECONDS
  pilots_run
  cores_are 10
  (
    code=0
    # shellcheck disable=SC2016 # for the job's shell
    srun -p compute -N 6 bash -c 'hostname; until [[ -e $0 ]]; do sleep 0.5; done' "$LAB_DIR/jobs/normal.end" \
      >"$LAB_DIR/jobs/normal.out" 2>"$LAB_DIR/jobs/normal.err" || code=$?
    echo "$code" >"$LAB_DIR/jobs/normal.code"
  ) 3>&- &
  wait_until 600 six_hosts
  echo "the job runs after $((SECONDS - began)) s" >&3
  suspended_are 6
  running_are 4
  [ "$(cloud_servers | jq '[.[] | select(.status == "SHELVED_OFFLOADED")] | length')" = 6 ]
  cores_are 10
}
six_hosts() { [[ $(sort "$LAB_DIR/jobs/normal.out" | xargs) == "compute-01 compute-02 compute-03 compute-04 compute-05 compute-06" ]]; }

@test "the job completes, the six come back, and all ten complete with what they had in memory" {
  touch "$LAB_DIR/jobs/normal.end"
  wait_until 100 test -s "$LAB_DIR/jobs/normal.code"
  [ "$(cat "$LAB_DIR/jobs/normal.code")" = 0 ]
  wait_until 400 suspended_are 0
  wait_until 100 no_holds
  all_end_right "${PILOTS[@]}"
  [ "$(scontrol -o show job | grep -c 'Restarts=[1-9]')" = 0 ]
}
