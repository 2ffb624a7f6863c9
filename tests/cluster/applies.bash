# For bats files: new configurations of a lab, and the words to apply them. `load applies`, after ../lab/lib.

# new_conf SED_EXPRESSION...: the lab's slurm.conf, changed; prints where it is.
new_conf() { _changed slurm.conf "$@"; }
new_pool() { _changed tidepool.yaml "$@"; }
_changed() {
  local name=$1 words=()
  shift
  for word in "$@"; do words+=(-e "$word"); done
  sed -E "${words[@]}" "$LAB_DIR/etc/$name" >"$LAB_DIR/new.$name"
  if cmp -s "$LAB_DIR/etc/$name" "$LAB_DIR/new.$name"; then
    echo "nothing was changed: $*" >&2
    return 1
  fi
  echo "$LAB_DIR/new.$name"
}

# lasting ARGUMENT...: a job that lasts until `let_go`; prints its id.
lasting() { submit -p osg "$@" --wrap "until [ -e $LAB_DIR/let-go ]; do sleep 0.5; done"; }
let_go() { touch "$LAB_DIR/let-go"; }

running() { [[ $(squeue -h -t RUNNING -o %A | wc -l) == "$1" ]]; }
# picture_of_jobs: each job that has not ended, with its state, its restarts and its nodes.
picture_of_jobs() {
  scontrol -o show job | sed -nE 's/^JobId=([0-9]+) .*JobState=(RUNNING|SUSPENDED|PENDING) .*Restarts=([0-9]+) .* NodeList=([^ ]*) .*/\1 \2 \3 \4/p' | sort -n
}
no_restarts() { ! scontrol -o show job | grep -oE 'Restarts=[0-9]+' | grep -qv '=0$'; }

slurmctld_pid() { head -n 1 "$LAB_DIR/run/slurmctld.pid" | cut -d' ' -f1; }
kill_slurmctld() { kill -KILL "$(slurmctld_pid)"; }
configured() { scontrol show config | sed -nE "s/^$1 *= ([^ ]+).*/\1/p"; }

# slurmd_debug NODE: the SlurmdDebug (4: verbose, 5: debug) that the slurmd in that node's VM says it runs with.
slurmd_debug() {
  ip netns exec "tplab$(cat "$LAB_DIR/id")-$(vm_of "$1")" scontrol show slurmd |
    sed -nE 's/^Slurmd Debug *= (.*)/\1/p'
}
# kept_conf NODE: the slurm.conf that its slurmd has fetched from slurmctld, in its spool folder.
kept_conf() { echo "$LAB_DIR/vm/$(vm_of "$1")/spool/conf-cache/slurm.conf"; }
