#!/usr/bin/env bats
# etc/examples/osg: what an OSG site starts with is right as it stands. The cloud that the pool file is
# checked against is the simulator; that a real slurmctld takes osg.conf, and sbatch the pilot:
# tests/cluster/osg.bats.

bats_require_minimum_version 1.5.0

load ../../simulator/sim

setup_file() {
  ROOT=$(cd "$BATS_TEST_DIRNAME/../../.." && pwd)
  OSG=$ROOT/etc/examples/osg
  TIDEPOOL=${TIDEPOOL_BIN:-$ROOT/build/bin}/tidepool
  export ROOT OSG TIDEPOOL
  sim_start --network hpc:10.10.0.0/16 --image debian-12-slurm
  export TIDEPOOL_CONFIG=$SIM_DIR/site/tidepool.yaml
  osg_site "$SIM_DIR/site"
}
teardown_file() { sim_stop; }

# osg_site FOLDER: the pool file with this machine's paths in place of a controller's.
osg_site() {
  mkdir -p "$1"/{spool,state}
  chmod 700 "$1/state"
  cp "$OSG/worker.user-data" "$1/osg-worker.user-data"
  sed -e "s|name: mysite  |name: demo  |; s|/etc/tidepool/clouds.yaml|$SIM_DIR/clouds.yaml|" \
    -e "s|/etc/slurm/slurm.conf|$1/slurm.conf|; s|/etc/tidepool/osg-worker|$1/osg-worker|" \
    -e "s|/var/spool/tidepool/reclaim|$1/spool|" "$OSG/tidepool.yaml" >"$1/tidepool.yaml"
  echo "state: {dir: $1/state}" >>"$1/tidepool.yaml"
  # As docs/osg.md says.
  { echo 'SlurmctldHost=controller(10.10.0.2)' && "$TIDEPOOL" slurm-conf --slurm-version 22.05 | grep -v ^PartitionName= && cat "$OSG/osg.conf"; } >"$1/slurm.conf"
}

@test "tidepool check finds no fault in the pool file with the two conf files, on a cloud that has what it names" {
  run "$TIDEPOOL" check
  echo "$output"
  # Nobody has probed this cloud, its image pins no machine type, and this machine has no such stand-in.
  grep -E 'error|warning' <<<"$output" | grep -vE 'hw_machine_type|standin|^[0-9]+ errors|(Resume|Suspend|ResumeFail)Program' \
    >"$BATS_TEST_TMPDIR/faults" || true
  [ ! -s "$BATS_TEST_TMPDIR/faults" ]
  [[ $output == *"0 errors"* ]]
}

@test "the policy is read as it is meant" {
  local line
  for line in 'name: osg' 'partitions: [osg]' 'may_requeue: false' 'for_jobs: true'; do grep -qF "$line" "$OSG/tidepool.yaml"; done
  # A misspelt key would be an error: the reader is strict.
  sed 's/max_holds:/most_holds:/' "$TIDEPOOL_CONFIG" >"$BATS_TEST_TMPDIR/bad.yaml"
  chmod 600 "$BATS_TEST_TMPDIR/bad.yaml"
  run ! "$TIDEPOOL" --config "$BATS_TEST_TMPDIR/bad.yaml" check --offline
  [[ $output == *most_holds* ]]
}

@test "the scripts have no fault that bash or shellcheck knows" {
  local file
  for file in pilot.sbatch slurm_local_submit_attributes.sh; do
    bash -n "$OSG/$file"
    ! command -v shellcheck >/dev/null || shellcheck "$OSG/$file"
  done
}

@test "what a CE adds are #SBATCH lines, and the same ones as the pilot's own" {
  local line
  run -0 sh "$OSG/slurm_local_submit_attributes.sh"
  for line in "${lines[@]}"; do
    [[ $line == '#SBATCH --'* ]]
    grep -qxF -- "$line" "$OSG/pilot.sbatch"
  done
  [ "${#lines[@]}" -ge 3 ]
}

@test "the user data is one that tidepool takes with a guest's preparation, and holds no secret" {
  grep -qx '#cloud-config' <(head -n 1 "$OSG/worker.user-data")
  /usr/bin/python3 -c 'import sys, yaml; yaml.safe_load(open(sys.argv[1]))' "$OSG/worker.user-data"
  run ! grep -iE 'BEGIN .*PRIVATE KEY|password|token *[:=]' "$OSG/worker.user-data"
}

# seconds FILE KEY: a number, or a product of two.
seconds() { sed -n "s/^$2 = //p" "$OSG/condor/$1"; }

@test "HTCondor is as patient as a hold is long, and an hour more, on all sides" {
  local held
  held=$(sed -n 's/^#SBATCH --max-held=\([0-9]*\)h$/\1/p' "$OSG/pilot.sbatch")
  local wanted=$((held * 3600 + 3600))
  [ "$(seconds access-point.config JOB_DEFAULT_LEASE_DURATION)" -ge "$wanted" ]
  [ "$(seconds job.submit job_lease_duration)" -ge "$wanted" ]
  [ $(($(seconds pilot.config ALIVE_INTERVAL) * $(seconds pilot.config MAX_CLAIM_ALIVES_MISSED))) -ge "$wanted" ]
  [ "$(seconds pilot.config STARTD_NOCLAIM_SHUTDOWN)" -ge "$wanted" ]
  # The pools' own limit is not longer than what the pilots' lines say.
  grep -qE "max_held: ${held}h" "$OSG/tidepool.yaml"
}

@test "every file is named in its README, and every name there is a file" {
  local file
  while read -r file; do grep -qF "\`$file\`" "$OSG/README.md" || { echo "$file is not in README.md"; false; }; done \
    < <(cd "$OSG" && find . -type f ! -name README.md -printf '%P\n')
  while read -r file; do [[ -e $OSG/$file ]] || { echo "no $file"; false; }; done \
    < <(awk -F '\140' '/^[|] \140/ { print $2 }' "$OSG/README.md")
}
