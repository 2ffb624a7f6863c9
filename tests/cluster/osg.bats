#!/usr/bin/env bats
# etc/examples/osg on real Slurm: slurmctld takes osg.conf and means what it says, and the pilot's script is
# a job that carries its hold options, with something that is no OSG container in its place.

bats_require_minimum_version 1.5.0

load ../lab/lib
load cloud

setup_file() {
  local root plugins
  root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
  plugins=$(dirname "${TIDEPOOL_BIN:-$root/build/bin}")/plugins
  # Slurm's daemons have no sanitizers, so a build with them has no plugins.
  ! grep -qs '^TIDEPOOL_SANITIZE:STRING=.' "$plugins/../CMakeCache.txt" || skip "a build with sanitizers"
  OSG=$root/etc/examples/osg
  export OSG
  lab_up --nodes 1 --suspend-time 600 --plugins "$plugins" \
    --hold '{mode: [suspend], allow: [hibernate, requeue], max_held: 24h}'
  # A batch job on a node that is not up waits for slurmctld's half minute.
  srun -p osg -w osg-001 true
}
teardown_file() { lab_down; }

# site_conf: a slurm.conf of the lab's own machinery, tidepool's lines for the example's pools, and osg.conf.
site_conf() {
  local folder=$LAB_DIR/osg port=$((7100 + $(cat "$LAB_DIR/id")))
  install -d -o slurm -g slurm "$folder" "$folder/state"
  {
    grep -vE '^(NodeName|PartitionName|SlurmctldParameters|(Resume|Suspend)[A-Za-z]*=|StateSaveLocation|SlurmctldPidFile|SlurmctldLogFile|SchedulerParameters|PlugStackConfig|JobSubmitPlugins)' \
      "$SLURM_CONF"
    echo "SlurmctldPort=$port"
    echo "StateSaveLocation=$folder/state"
    echo "SlurmctldPidFile=$folder/pid"
    echo "SlurmctldLogFile=$folder/log"
    echo 'NodeName=osg-[001-200] NodeAddr=10.10.1.[1-200] CPUs=4 RealMemory=7783 State=CLOUD'
    echo 'NodeName=node-[001-100] NodeAddr=10.10.2.[1-100] CPUs=4 RealMemory=7783 State=CLOUD'
    echo 'ResumeProgram=/bin/true'
    echo 'SuspendProgram=/bin/true'
    echo 'SuspendTime=300'
    cat "$OSG/osg.conf"
  } >"$folder/slurm.conf"
  chmod 644 "$folder/slurm.conf"
}
site() { SLURM_CONF=$LAB_DIR/osg/slurm.conf "$@"; }
answers() { [[ $(site scontrol ping) == *'is UP'* ]]; }
gone() { ! kill -0 "$1" 2>/dev/null; }

@test "slurmctld starts with osg.conf, and without a complaint about it" {
  local pid ok=0
  site_conf
  # As the lab starts its own, which goes on beside it.
  # shellcheck disable=SC2016 # $0 is for the inner shell
  SLURM_CONF=$LAB_DIR/osg/slurm.conf unshare --uts --mount --propagation slave sh -c \
    'hostname controller && mount --bind "$0" /etc/hosts && exec slurmctld -D' "$LAB_DIR/etc/hosts" \
    >"$LAB_DIR/osg/out" 2>&1 3>&- &
  pid=$!
  wait_until 60 answers && site scontrol show partition >"$LAB_DIR/osg/partitions" &&
    site scontrol show config >"$LAB_DIR/osg/config" || ok=1
  kill -TERM "$pid"
  wait "$pid" || true
  cat "$LAB_DIR/osg/out" "$LAB_DIR/osg/log" | grep -iE 'error|fatal|obsolete|invalid' | grep -vE 'state|recover' >"$LAB_DIR/osg/faults" || true
  cat "$LAB_DIR/osg/faults"
  [ "$ok" = 0 ]
  run ! grep -iE 'partition|osg|preempt|priority|parse|AuthInfo|SlurmDBD' "$LAB_DIR/osg/faults"
}

# of PARTITION KEY
of() { tr -s ' \n' '\n' <"$LAB_DIR/osg/partitions" | awk -v p="PartitionName=$1" '/^PartitionName=/ { on = $0 == p } on' | sed -n "s/^$2=//p" | head -n 1; }
config() { sed -nE "s/^$1 *= //p" "$LAB_DIR/osg/config"; }

@test "compute comes first; pilots are single nodes; Slurm preempts nobody, and requeues what is lost" {
  (($(of compute PriorityTier) > $(of osg PriorityTier)))
  [ "$(of osg Nodes)" = 'osg-[001-200]' ]
  [ "$(of compute Nodes)" = 'node-[001-100]' ]
  [ "$(of osg MaxNodes)" = 1 ]
  [ "$(of compute Default)" = YES ]
  [ "$(config PreemptType)" = preempt/none ]
  [ "$(config JobRequeue)" = 1 ]
}

@test "pilot.sbatch is taken as it is, with its hold options, and runs the container with HTCondor's settings" {
  local bin=$LAB_DIR/jobs/bin job
  mkdir -p "$bin"
  # The container's stand-in says what it was given, and waits as a pilot does until it is told to end.
  cat >"$bin/apptainer" <<'END'
#!/bin/bash
printf '%s\n' "$@" >"$OSG_SCRATCH/arguments"
env | grep ^APPTAINERENV_ >"$OSG_SCRATCH/environment"
trap 'echo ended >"$OSG_SCRATCH/ended"; exit 0' TERM
until [[ -e $OSG_SCRATCH/go-on ]]; do sleep 0.2; done
END
  chmod 755 "$bin/apptainer"
  echo token >"$LAB_DIR/jobs/token"
  job=$(PATH=$bin:$PATH OSG_TOKEN=$LAB_DIR/jobs/token OSG_CONDOR_CONFIG=$OSG/condor/pilot.config \
    OSG_SCRATCH=$LAB_DIR/jobs OSG_SITE=Here submit "$OSG/pilot.sbatch")
  [[ $(job_field "$job" AdminComment) == *hold-mode=hibernate,requeue* ]]
  [[ $(job_field "$job" AdminComment) == *max-held=86400s* ]]
  [ "$(job_field "$job" Requeue)" = 1 ]
  wait_until 250 test -s "$LAB_DIR/jobs/environment"
  grep -qxF "$OSG/condor/pilot.config:/etc/condor/config.d/99-tidepool.config:ro" "$LAB_DIR/jobs/arguments"
  grep -qxF "$LAB_DIR/jobs/token:/etc/condor/tokens-orig.d/flock.opensciencegrid.org:ro" "$LAB_DIR/jobs/arguments"
  grep -qx APPTAINERENV_GLIDEIN_Site=Here "$LAB_DIR/jobs/environment"
  # The end of its time reaches the pilot, and its scratch goes with it.
  scancel --batch --signal=TERM "$job"
  wait_until 60 test -s "$LAB_DIR/jobs/ended"
  wait_until 60 job_is "$job" COMPLETED
  [ -z "$(find "$LAB_DIR/jobs" -maxdepth 1 -name 'osg-*')" ]
}

@test "a pilot without its token says so and fails" {
  local job
  job=$(OSG_TOKEN=/nonexistent OSG_CONDOR_CONFIG=$OSG/condor/pilot.config OSG_SCRATCH=$LAB_DIR/jobs submit "$OSG/pilot.sbatch")
  wait_until 250 job_is "$job" FAILED
  grep -qx 'pilot: cannot read /nonexistent' "$LAB_DIR/jobs/$job.out"
}
