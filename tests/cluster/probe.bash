# For bats files about `tidepool probe`: a pool file of its own, without Slurm. `load probe`.

TIDEPOOL=${TIDEPOOL_BIN:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/build/bin}/tidepool

# probe_up CLOUDS_YAML CLUSTER [HOLD]: sets PROBE_DIR and TIDEPOOL_CONFIG; the cloud is named by
# `probe_cloud`.
probe_up() {
  PROBE_DIR=$(mktemp -d "${BATS_TMPDIR:-/tmp}/tidepool-probe-test.XXXXXX")
  TIDEPOOL_CONFIG=$PROBE_DIR/tidepool.yaml
  export PROBE_DIR TIDEPOOL_CONFIG
  cp "$1" "$PROBE_DIR/clouds.yaml"
  chmod 600 "$PROBE_DIR/clouds.yaml"
  echo "$2" >"$PROBE_DIR/cluster"
  probe_cloud demo "${3:-suspend}"
}
probe_down() { rm -rf "$PROBE_DIR"; }

# probe_cloud NAME [HOLD]: which cloud of clouds.yaml, and the pool's hold modes.
probe_cloud() {
  cat >"$TIDEPOOL_CONFIG" <<END
cluster: $(cat "$PROBE_DIR/cluster")
cloud: {name: $1, config: $PROBE_DIR/clouds.yaml}
slurm: {conf: $PROBE_DIR/slurm.conf, bin_dir: $PROBE_DIR}
state: {dir: $PROBE_DIR/state}
log: {syslog: false, file: $PROBE_DIR/log}
policy: {orphan_grace: 1s, poll: 1s, poll_idle: 1s}
pools:
  osg:
    nodes: osg-[1-4]
    addresses: 10.20.3.[1-4]
    network: hpc
    flavor: m1.small
    image: rocky9-slurm
    hold: {mode: ${2:-suspend}}
END
}

# probe [OPTION]...: its result in $PROBE_DIR/result, what it said in $PROBE_DIR/said.
probe() {
  "$TIDEPOOL" probe --json --guest-wait 0 "$@" >"$PROBE_DIR/result" 2>"$PROBE_DIR/said" 3>&- ||
    { local code=$?; cat "$PROBE_DIR/said"; return "$code"; }
}

# step NAME FILTER: of the result.
step() { jq -r --arg s "$1" '.steps[] | select(.step == $s) | '"$2" "$PROBE_DIR/result"; }
mode() { jq -r --arg m "$1" '.modes[] | select(.mode == $m) | '"$2" "$PROBE_DIR/result"; }

# expect WANTED GOT: fails with both when they differ.
expect() { [[ $1 == "$2" ]] || { printf 'wanted: %s\ngot:    %s\n' "$1" "$2"; return 1; }; }

# released STEP: "placement instances cores ram", each true, false or null (not known).
released() { step "$1" '.releases | "\(.placement) \(.quota_instances) \(.quota_cores) \(.quota_ram)"'; }
placement_by() { step "$1" .releases.placement_by; }

# What must hold on every cloud, whatever its settings; SEES: may this user read placement?
same_on_every_cloud() {
  local name by=measured
  [[ $1 == yes ]] || by=contract
  expect true "$(jq .complete "$PROBE_DIR/result")"
  for name in pause suspend stop; do
    expect "done" "$(step $name .outcome)"
    expect "false false false false" "$(released $name)"
    expect "$by" "$(placement_by $name)"
  done
  expect PAUSED "$(step pause .during.status)"
  expect SUSPENDED "$(step suspend .during.status)"
  expect SHUTOFF "$(step stop .during.status)"
  expect "true contract" "$(step pause '"\(.keeps_processes) \(.keeps_processes_by)"')"
  expect "true contract" "$(step suspend '"\(.keeps_processes) \(.keeps_processes_by)"')"
  expect "false contract" "$(step stop '"\(.keeps_processes) \(.keeps_processes_by)"')"
  for name in pause suspend stop shelve snapshot+delete; do
    expect "done" "$(step $name .outcome)"
    expect true "$(step $name .keeps_address)"
  done
  for name in snapshot+delete delete; do
    expect "done" "$(step $name .outcome)"
    expect "true true true true" "$(released $name)"
    expect "$by" "$(placement_by $name)"
  done
  # A node of the pool may have come meanwhile: its address was not taken.
  [[ ! $(step suspend .before.address) =~ ^10\.20\.3\.[1-4]$ ]]
  expect 0 "$(jq '[.steps[] | select(.outcome == "done") | select(.hold_seconds == null or .back_seconds == null)] | length' "$PROBE_DIR/result")"
}

# shelve_frees OFFLOAD COUNT SEES: the shelve rows of a cloud that offloads at once or never (0, -1)
# and counts the quota from its database or from placement.
shelve_frees() {
  local offload=$1 count=$2 sees=$3 cores=false placement=false by=measured
  [[ $sees == yes ]] || by=contract
  [[ $offload == -1 || $count == database ]] || cores=true
  if [[ $offload == 0 ]]; then
    placement=true
    expect SHELVED_OFFLOADED "$(step shelve .during.status)"
  else
    expect SHELVED "$(step shelve .during.status)"
  fi
  expect "$placement false $cores $cores" "$(released shelve)"
  expect "$by" "$(placement_by shelve)"
  if [[ $sees == no ]]; then
    expect "forbidden false" "$(step shelve-offload '"\(.outcome) \(.allowed)"')"
  elif [[ $offload == 0 ]]; then
    expect "not tried" "$(step shelve-offload .outcome)"
    [[ $(step shelve-offload .why) == *"by itself"* ]]
  else
    # An administrator may do what the cloud does not do by itself.
    expect "done SHELVED_OFFLOADED" "$(step shelve-offload '"\(.outcome) \(.during.status)"')"
    [[ $count == database ]] || cores=true
    expect "true false $cores $cores" "$(released shelve-offload)"
  fi
}

# quota_remark OFFLOAD COUNT: what `tidepool check` says of a pool that holds by shelve.
quota_remark() {
  local said
  said=$("$TIDEPOOL" check --offline || true)
  echo "$said"
  if [[ $1 == 0 && $2 == placement ]]; then
    [[ $said != *"still counts shelved servers"* ]]
  else
    [[ $said == *"warning: pools.osg.hold.mode: pool osg holds by shelve, but this cloud's quota still counts shelved servers (probe of "* ]]
  fi
}
