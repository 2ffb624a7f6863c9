#!/usr/bin/env bats
# By name only: restarts nova four times and probes eight times, about ten minutes.
#
# tidepool probe on real services with the four settings that decide what shelve gives back: each as a
# member, who cannot read placement, and as an administrator. The tables are kept in
# $TIDEPOOL_PROBE_TABLES when it names a folder.

load ../cluster/probe

CLOUD=$BATS_TEST_DIRNAME/../openstack/cloud

setup_file() {
  probe_up "$TIDEPOOL_REAL_CLOUD_DIR/clouds.yaml" probereal shelve
  cp "$TIDEPOOL_REAL_CLOUD_DIR/settings" "$PROBE_DIR/settings"
}
teardown_file() {
  local OFFLOAD_TIME=0 COUNT_FROM_PLACEMENT=false
  probe_cloud demo
  "$TIDEPOOL" probe --clean-up || true
  # shellcheck source=/dev/null
  source "$PROBE_DIR/settings"
  set_cloud "$OFFLOAD_TIME" "$([[ $COUNT_FROM_PLACEMENT == true ]] && echo placement || echo database)"
  probe_down
}

set_cloud() { "$CLOUD" up --dir "$TIDEPOOL_REAL_CLOUD_DIR" --offload-time "$1" "--count-from-$2" 3>&-; }

on_settings() { # OFFLOAD COUNT
  local user network
  set_cloud "$1" "$2"
  # By its id: an administrator sees every project's network of that name.
  network=$(OS_CLIENT_CONFIG_FILE=$TIDEPOOL_REAL_CLOUD_DIR/clouds.yaml OS_CLOUD=demo \
    openstack network show hpc -f value -c id)
  for user in demo admin; do
    probe_cloud "$user" shelve
    sed -i "s/network: hpc/network: $network/" "$PROBE_DIR/tidepool.yaml"
    probe
    cat "$PROBE_DIR/said"
    if [[ ${TIDEPOOL_PROBE_TABLES:-} ]]; then
      cp "$PROBE_DIR/result" "$TIDEPOOL_PROBE_TABLES/offload$1-$2-$user.json"
    fi
    same_on_every_cloud "$([[ $user == admin ]] && echo yes || echo no)"
    shelve_frees "$1" "$2" "$([[ $user == admin ]] && echo yes || echo no)"
    quota_remark "$1" "$2"
    [[ ! -e $PROBE_DIR/state/probe.intent ]]
  done
}

@test "offloaded at once, quota counted from the database" { on_settings 0 database; }
@test "offloaded at once, quota counted from placement" { on_settings 0 placement; }
@test "never offloaded, quota counted from placement" { on_settings -1 placement; }
@test "never offloaded, quota counted from the database" { on_settings -1 database; }
