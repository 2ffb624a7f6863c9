# For bats files about jobs that step aside: a lab whose project is full of pilots. `load reclaim`, after
# holds.

# reclaim_lab_up PILOTS RECLAIM [OPTION...]: PILOTS nodes for pilots and as many cores of quota, counted
# from placement; RECLAIM is the pool file's section. Its guests hibernate, and the cloud was probed: it
# gives cores and memory back for that.
reclaim_lab_up() {
  local pilots=$1 reclaim=$2
  shift 2
  holds_lab_up "$pilots" "{mode: [hibernate], preemptible: true, return_timeout: 10m,
      hibernate_command: [@LAB@/bin/hibernate, '{node}', '{address}'], hibernate_timeout: 20s}" "$@"
  printf 'reclaim: %s\n' "${reclaim//@LAB@/$LAB_DIR}" >>"$LAB_DIR/etc/tidepool.yaml"
  sim_api PUT settings '{"count_from_placement": true}'
  quick
  # It measures the quota's use, so nothing else may be in the project yet.
  as_slurm tidepool probe --pool osg --guest-wait 0 >"$LAB_DIR/probe.out" 2>&1 || {
    cat "$LAB_DIR/probe.out"
    return 1
  }
  quota_is "$pilots"
}

# quick: no step of a server takes longer than it must. A boot takes a second: slurmctld counts whole ones,
# and does not believe in a node that has booted before it was asked for.
quick() {
  sim_api PUT times "$(sim_api GET times | jq 'map_values("50ms") | .boot = "1s"')"
}

# quota_is CORES [INSTANCES]: of the project; what was used at most is counted anew.
quota_is() { sim_api PUT quotas/demo "{\"cores\": $1, \"instances\": ${2:--1}}"; }
# used cores|instances, most cores|instances: of the quota, now and at any time since quota_is.
used() { sim_api GET quotas/demo | jq ".used.$1"; }
most() { sim_api GET quotas/demo | jq ".most.$1"; }
uses() { [[ $(used cores) == "$1" ]]; } # CORES
used_at_most() { (($(most cores) <= $1)) || { echo "$(most cores) cores were in use at once"; return 1; }; }

# pilots N [SBATCH_ARGUMENT...]: as many jobs that remember, each on a node of its own; their ids in PILOTS,
# and in the file of that name.
pilots() {
  local i
  for ((i = 0; i < $1; i++)); do
    submit -p osg -N 1 "${@:2}" --wrap "exec $REMEMBER $LAB_DIR/jobs/\$SLURM_JOB_ID.memory"
  done >>"$LAB_DIR/pilots"
  mapfile -t PILOTS <"$LAB_DIR/pilots"
}
# pilots_run: all of them remember something, which is noted.
pilots_run() {
  local job
  begun "${PILOTS[@]}"
  for job in "${PILOTS[@]}"; do note "$(memory "$job")"; done
}

# suspended: the jobs that are; running: those that run, of osg.
suspended() { squeue -h -p osg -t SUSPENDED -o %A | sort -n; }
running() { squeue -h -p osg -t RUNNING -o %A | sort -n; }
suspended_are() { [[ $(suspended | wc -l) == "$1" ]]; } # N
running_are() { [[ $(running | wc -l) == "$1" ]]; }     # N
# held: jobs whose holds have come to their end on the way out.
held() { tidepool status --json | jq -r '.holds[] | select(.step == "held") | .jobs[].id' | sort -n; }
held_are() { [[ $(held | wc -l) == "$1" ]]; }

# all_end_right JOB...: they go on with what they had, complete, and Slurm has seen one start of each.
all_end_right() {
  local job
  for job in "$@"; do wait_until 100 same_memory "$(memory "$job")"; done
  finish_all "$@"
  for job in "$@"; do ends_right "$job"; done
}

# requests: that go on.
requests() { tidepool reclaim --list --ended 0 --json; }
no_requests() { [[ $(requests | jq length) == 0 ]]; }

# slurm_service: as troubles' service, as SlurmUser.
slurm_service() {
  begin setpriv --reuid slurm --regid slurm --init-groups tidepool work --stay
  worker=$!
}
