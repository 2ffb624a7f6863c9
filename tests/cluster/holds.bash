# For bats files: jobs whose worth is in their memory (jobs/remember), and the words to hold them.
# `load holds`, after ../lab/lib, cloud and troubles; on real services after ../lab/lib and real.

# holds_lab_up NODES HOLD [OPTION...]: a lab with a stand-in. Its nodes stay up unless a test says otherwise.
holds_lab_up() {
  local nodes=$1 hold=$2 up=lab_up
  shift 2
  ! declare -F real_up >/dev/null || up=real_up
  "$up" --nodes "$nodes" --compute-nodes 1 --standin keeper --hold "$hold" --slurmd-timeout 20 \
    --suspend-time 3600 --suspend-timeout 5 --policy cool_off=2s --policy cool_off_max=2s "$@"
  REMEMBER=$(dirname "${BASH_SOURCE[0]}")/jobs/remember
  export REMEMBER
}

# warm NODES N: the nodes are up and idle. Through srun, which starts as soon as they are; a batch job on
# a powered-down node waits for slurmctld's half minute.
warm() { timeout 280 srun -p osg -w "$1" -N "$2" true; }

memory() { echo "$LAB_DIR/jobs/$1.memory"; }

# remember_on NODE [SBATCH_ARGUMENT...]: a batch job that remembers; prints its id.
remember_on() {
  submit -p osg -w "$1" "${@:2}" --wrap "exec $REMEMBER $LAB_DIR/jobs/\$SLURM_JOB_ID.memory"
}

# remember_pair NODE,NODE: a batch job of two nodes whose tasks talk over TCP.
remember_pair() {
  submit -p osg -N 2 -w "$1" \
    --wrap "exec srun $REMEMBER $LAB_DIR/jobs/\$SLURM_JOB_ID.memory $(address_of "${1%%,*}")"
}
address_of() { tidepool pool list --json | jq -r --arg n "$1" '.[] | select(.name == $n) | .address'; }

# counts FILE: is there such a job, and has it begun?
counts() { [[ $(cat "$1" 2>/dev/null) == *' '*' '* ]]; }
# begun JOB...: each of them remembers something by now.
begun() {
  local job
  for job in "$@"; do wait_until 250 counts "$(memory "$job")"; done
}
# note FILE...: what each remembers now, for remembers and goes_on.
note() {
  local file
  for file in "$@"; do cp "$file" "$file.noted"; done
}

# same_memory FILE: the process and the secret of `note`, further on.
same_memory() {
  local pid sum count noted_pid noted_sum noted_count
  read -r noted_pid noted_sum noted_count _ <"$1.noted"
  read -r pid sum count _ <"$1"
  [[ $pid == "$noted_pid" && $sum == "$noted_sum" ]] && ((count > noted_count))
}
# stands_still FILE: its count does not move.
stands_still() {
  local before
  before=$(cat "$1")
  sleep 2
  [[ $(cat "$1") == "$before" ]]
}

# ends_right JOB [FILE...]: it goes on as what it was, comes to its end when told to, and Slurm saw no
# second start.
ends_right() {
  local job=$1 file
  local files=("${@:2}")
  ((${#files[@]})) || files=("$(memory "$job")")
  for file in "${files[@]}"; do wait_until 60 same_memory "$file"; done
  touch "$(memory "$job").end"
  wait_until 120 job_is "$job" COMPLETED
  for file in "${files[@]}"; do
    same_memory "$file"
    [[ $(cat "$file") == *' ended' ]]
  done
  [ "$(job_field "$job" Restarts)" = 0 ]
}

# server_is NODE STATUS: what the cloud says of the node's server, say SHUTOFF.
server_is() {
  cloud_servers | jq -e --arg n "$1" --arg s "$2" '[.[] | select(.name == $n) | .status] == [$s]'
}
# to_standin NODE: slurmctld pings the stand-in in its place.
to_standin() { [[ $(node_field "$1" NodeAddr) == $(node_field keeper NodeAddr) ]]; }
# flags NODE: the state as scontrol shows it: IDLE+CLOUD+DRAIN
flags() { node_field "$1" State; }
has_flag() { [[ +$(flags "$1")+ == *+$2[+*]* ]]; }
has_no_flag() { ! has_flag "$1" "$2"; }

# away NODE STATUS: held in full: drained, pinged elsewhere, its server in that status.
away() { has_flag "$1" DRAIN && to_standin "$1" && server_is "$1" "$2"; }
# back NODE: usable as ever, under its own address.
back() {
  [[ $(node_field "$1" NodeAddr) == $(address_of "$1") ]] && server_is "$1" ACTIVE &&
    has_no_flag "$1" DRAIN && has_no_flag "$1" NOT_RESPONDING && [[ -z $(node_field "$1" Extra) ]]
}

# hold_of JOB: the line of `status` about it.
hold_of() { tidepool status --json | jq --argjson id "$1" '.holds[] | select(any(.jobs[]; .id == $id))'; }
hold_says() { hold_of "$1" | jq -e "$2"; } # JOB JQ_CONDITION
no_hold_of() { [[ -z $(hold_of "$1") ]]; }
no_holds() { [[ $(tidepool status --json | jq '.holds | length') == 0 ]]; }

# kill_worker: as the kernel's out-of-memory killer does it.
kill_worker() {
  local pid=
  read -r pid 2>/dev/null <"$LAB_DIR/state/tidepool/worker.lock" || true
  [[ $pid && /proc/$pid/exe -ef $LAB_DIR/bin/programs/tidepool ]] && kill -KILL "$pid"
}

# restart_slurmctld: ends it and starts it again, as its unit would.
restart_slurmctld() {
  "$LAB" slurmctld stop
  sleep "${1:-0}"
  "$LAB" slurmctld start
}

# finish_all JOB...: what still runs is told to end; for teardown.
finish_all() {
  local job
  for job in "$@"; do touch "$(memory "$job").end"; done
}

# fresh_start JOB: it remembers another secret than the one noted.
fresh_start() {
  counts "$(memory "$1")" && [[ $(cut -d' ' -f2 "$(memory "$1")") != "$(cut -d' ' -f2 "$(memory "$1").noted")" ]]
}
# admin_comment JOB: whole, blanks and all.
admin_comment() { scontrol -o show job "$1" | sed -nE 's/.* AdminComment=(.*) (StdErr|NcpusPerTask|[A-Z][A-Za-z]+)=.*/\1/p'; }
