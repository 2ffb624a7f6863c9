# For bats files: a lab of their own, and the words to talk about it. `load ../lab/lib`.
#
#   setup_file()    { lab_up --nodes 4; }
#   teardown_file() { lab_down; }
#
# The lab belongs to the test file's process: when that dies before teardown_file, by Ctrl-C or
# kill -9, the lab goes by itself.

LAB=${LAB:-$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/lab}

# lab_up [OPTION VALUE]...: starts a lab in a new folder and sets LAB_DIR, SLURM_CONF, PATH and the rest.
# The folder is not below bats' own, which user slurm cannot enter.
lab_up() {
  LAB_DIR=$(mktemp -d /tmp/tidepool-lab.XXXXXX)
  export LAB_DIR
  "$LAB" up --dir "$LAB_DIR" --owner "$$" "$@" || {
    rmdir "$LAB_DIR" 2>/dev/null || true
    return 1
  }
  lab_use "$LAB_DIR"
}

# lab_use DIR: makes the commands of this shell act on the lab in DIR.
lab_use() {
  local settings
  settings=$("$LAB" env --dir "$1") && eval "$settings"
}

lab_down() {
  [[ -z ${LAB_DIR:-} ]] || "$LAB" down --dir "$LAB_DIR"
}

# wait_until SECONDS COMMAND...: until COMMAND succeeds; after SECONDS it fails and says how things are.
wait_until() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    if ((SECONDS >= deadline)); then
      echo "not within the time: $*"
      lab_picture
      return 1
    fi
    sleep 0.2
  done
}

# lab_picture: what somebody wants to see when a test has failed.
lab_picture() {
  echo "--- sinfo"
  sinfo -h -N -o '%N %T %E' | sort -u
  echo "--- squeue"
  squeue -h -t all -o '%A %T %r %S %N'
  "$LAB" status --dir "$LAB_DIR" || true
  local file
  for file in hooks.log vm.log tidepool.log slurmctld.log simulator.out; do
    echo "--- $file"
    tail -n 25 "$LAB_DIR/log/$file" 2>/dev/null || true
  done
}

# node_state NODE: as sinfo shows it: idle~ (powered down), allocated# (powering up), idle% …
node_state() { sinfo -h -N -n "$1" -o %T | sort -u; }
node_is() { [[ $(node_state "$1") == "$2" ]]; }
# node_field NODE FIELD: one field of `scontrol show node`: State, NodeAddr, Reason, Extra …
node_field() { scontrol show node "$1" | sed -nE "s/^ *(.* )?$2=(.*)$/\2/p" | _first_field "$2"; }
# A Reason runs to the end of its line; any other value ends at a blank.
_first_field() { if [[ $1 == Reason || $1 == Extra || $1 == Comment ]]; then cat; else sed 's/ .*//'; fi; }

# job_state JOB: PENDING, CONFIGURING, RUNNING, COMPLETED …
job_state() { squeue -h -t all -j "$1" -o %T | sort -u; }
job_is() { [[ $(job_state "$1") == "$2" ]]; }
# job_field JOB FIELD: one field of `scontrol show job`.
job_field() { scontrol show job "$1" | tr -s ' ' '\n' | sed -n "s/^$2=//p" | head -n 1; }

# submit SBATCH_ARGUMENT...: prints the job's id. Output goes to LAB_DIR/jobs/JOB.out.
submit() { sbatch --parsable --chdir "$LAB_DIR/jobs" --output "$LAB_DIR/jobs/%j.out" "$@"; }

# hooks_log: what slurmctld called: "TIME resume|suspend|resume-fail HOSTLIST [resume file]", one a line.
hooks_log() { cat "$LAB_DIR/log/hooks.log"; }
# hooks_called HOOK NODES: has the hook been called with exactly that hostlist?
hooks_called() { hooks_log | awk -v hook="$1" -v nodes="$2" '$2 == hook && $3 == nodes { n++ } END { exit !n }'; }

# vm_of NODE: the server ids of the machines that run as NODE, one a line.
vm_of() {
  local disk
  for disk in "$LAB_DIR"/vm/*/; do
    [[ $(cat "$disk/name" 2>/dev/null) != "$1" ]] || basename "$disk"
  done
}

# sim_api METHOD PATH [JSON]: the simulator's own controls, for example `sim_api GET counts` (see its
# README: faults, traffic, outcomes, journal). Prints the answer; fails on a status of 400 or more.
sim_api() {
  local url
  url=$(jq -r .control_url "$LAB_DIR/sim/sim.json")/_sim/${2#/}
  curl --silent --show-error --fail-with-body --noproxy '*' -X "$1" \
    ${3:+-H 'Content-Type: application/json' --data "$3"} "$url"
}

# lab_pids CGROUP: the processes in one of the lab's cgroups (daemons, vm-SERVER_ID), or in all ('*').
lab_pids() {
  find /sys/fs/cgroup -maxdepth 4 -path "*/tidepool-lab-$(cat "$LAB_DIR/id")/$1/cgroup.procs" \
    -exec cat {} + 2>/dev/null
}

# as_slurm COMMAND...: runs it as SlurmUser does.
as_slurm() { setpriv --reuid slurm --regid slurm --init-groups "$@"; }
