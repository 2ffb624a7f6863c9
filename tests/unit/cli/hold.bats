#!/usr/bin/env bats
# tidepool hold and release: what is wrong with a command line or a pool file is said before anybody is
# asked, and nothing is written down. What slurmctld has to say is in tests/cluster/hold_slurm.bats.

bats_require_minimum_version 1.5.0

setup() {
  ROOT=$(cd "$BATS_TEST_DIRNAME/../../.." && pwd)
  PATH=${TIDEPOOL_BIN:-$ROOT/build/bin}:$PATH
  export TIDEPOOL_CONFIG=$BATS_TEST_TMPDIR/tidepool.yaml
  cat >"$TIDEPOOL_CONFIG" <<YAML
cluster: c
cloud: {name: nowhere, config: $BATS_TEST_TMPDIR/clouds.yaml}
slurm: {conf: $BATS_TEST_TMPDIR/slurm.conf, bin_dir: $BATS_TEST_TMPDIR/bin}
state: {dir: $BATS_TEST_TMPDIR/state}
log: {syslog: false}
standin: {node: keeper, address: 127.0.0.1, port: 1}
pools:
  p: {nodes: 'n[1-2]', addresses: '10.0.0.[1-2]', network: n, flavor: f, image: i}
YAML
  printf 'clouds:\n  nowhere:\n    auth: {auth_url: "http://127.0.0.1:1", username: u, password: p, project_name: p,\n      user_domain_name: d, project_domain_name: d}\n' \
    >"$BATS_TEST_TMPDIR/clouds.yaml"
  chmod 600 "$BATS_TEST_TMPDIR/clouds.yaml"
  mkdir "$BATS_TEST_TMPDIR/bin"
}

# scontrol SCRIPT: slurmctld's answers, by a shell script in scontrol's place.
scontrol_is() {
  printf '#!/bin/bash\n%s\n' "$1" >"$BATS_TEST_TMPDIR/bin/scontrol"
  cp "$BATS_TEST_TMPDIR/bin/scontrol" "$BATS_TEST_TMPDIR/bin/squeue"
  chmod +x "$BATS_TEST_TMPDIR"/bin/*
}

# says STATUS WORDS COMMAND...
says() {
  run --separate-stderr "${@:3}"
  # shellcheck disable=SC2154 # run sets it
  echo "status $status: $stderr"
  [ "$status" -eq "$1" ]
  [[ $stderr == *"$2"* ]]
}

@test "which jobs: one way to name them, and only job ids" {
  says 2 "name either --job ID or NODES" tidepool hold
  says 2 "name either --job ID or NODES" tidepool hold --job 12 n1
  says 2 "name one of --job ID, NODES or --all" tidepool release
  says 2 "name one of --job ID, NODES or --all" tidepool release --all n1
  says 2 "'x' is no job id; write 12, 12_3 or 12_[1-3]" tidepool hold --job x
  says 2 "held whole: name its first id alone" tidepool hold --job 12+1
  says 2 "is no job id" tidepool release --job 12,
  says 2 "hostlist 'n[1-': a number is missing" tidepool hold 'n[1-'
  says 2 "hostlist" tidepool release 'n[1-'
}

@test "how: modes, times, options" {
  says 2 "--mode: 'freeze' is not a hold mode" tidepool hold --job 12 --mode freeze
  says 2 "--mode: 'suspend' is there twice" tidepool hold --job 12 --mode suspend,suspend
  says 2 "--max-held: 'soon' is not a duration" tidepool hold --job 12 --max-held soon
  says 2 "--timeout" tidepool hold --job 12 --timeout 0
  says 2 "--nonsense" tidepool hold --job 12 --nonsense
  [ ! -e "$BATS_TEST_TMPDIR/state/tidepool.db" ]
}

@test "slurmctld or the cloud cannot be asked: exit codes 6 and 4, and nothing is wanted" {
  scontrol_is 'echo "slurm_load_jobs error: Unable to contact slurm controller (connect failure)" >&2; exit 1'
  says 6 "slurmctld: " tidepool hold --job 12 --wait
  # slurmctld knows the job now, but the cloud is not there.
  scontrol_is 'case "$*" in
    *"show job"*) echo "JobId=12 JobName=j UserId=u(1) JobState=RUNNING Reason=None Requeue=1 Restarts=0 BatchFlag=1 NodeList=n1 BatchHost=n1 NumNodes=1" ;;
    *"show node"*) echo "NodeName=n1 NodeAddr=10.0.0.1 State=ALLOCATED+CLOUD Partitions=p BootTime=2026-11-30T10:00:00 SlurmdStartTime=2026-11-30T10:00:01" ;;
    *%A*) echo "12|RUNNING|n1|None|u|a|p|q" ;;
  esac'
  says 4 "cloud: " tidepool hold --job 12 --wait
  run -0 tidepool status --json
  [ "$(jq -c .holds <<<"$output")" = '[]' ]
}

@test "release: what is held nowhere is refused; all of nothing is nothing" {
  scontrol_is 'exit 0'
  says 1 "job 12 is in no hold" tidepool release --job 12
  says 1 "node n1 is in no hold" tidepool release n1
  run -0 tidepool release --all
  [ "$output" = "nothing is held" ]
  run -0 tidepool release --all --wait --json
  [ "$(jq -c . <<<"$output")" = '[]' ]
  # Held jobs must be able to come back without slurmctld's word.
  scontrol_is 'echo "Unable to contact slurm controller (connect failure)" >&2; exit 1'
  says 1 "jobs are found by their own ids" tidepool release --job 12
}

@test "check says that the stand-in does not answer, unless --offline" {
  run tidepool check
  [[ $output == *"the stand-in keeper does not answer (127.0.0.1:1"* ]]
  run tidepool check --offline
  [[ $output != *"does not answer"* ]]
}
