# shellcheck shell=bash
# ./run test contract --cloud openstack: the suite on real services, which come and go with the run.
# shellcheck source=scripts/packages.sh
source "$ROOT/scripts/packages.sh"

readonly UP_LIMIT=1200 # seconds; a start from nothing took 8 minutes on two busy cores

# run_on_openstack RING DIR FILTER
run_on_openstack() {
  local ring=$1 dir=$2 filter=$3 folder code=0 start=$SECONDS
  local cloud=$ROOT/tests/openstack/cloud log=$LOGS/$ring.openstack-up.log
  # Not below the build: two builds must not share a cloud.
  folder=$(mktemp -d /tmp/tidepool-openstack.XXXXXX)
  say "starting keystone, placement, glance, neutron and nova in $folder (some minutes)"
  # --owner: it goes with us, whatever ends us.
  limited "$UP_LIMIT" "$log" "$cloud" up --dir "$folder" --owner $$ || code=$?
  if ((code != 0)); then
    report "$ring" "openstack up" "$((SECONDS - start))" "$code" 0 1 0
    tail -n 40 "$log" | sed 's/^/    /'
  else
    say "they run, after $((SECONDS - start)) s"
    TIDEPOOL_CONTRACT_CLOUDS=$folder/clouds.yaml run_ctest "$ring" "$dir" "$filter"
  fi
  "$cloud" down --dir "$folder" >>"$log" 2>&1 || {
    report "$ring" "openstack down" 0 1 0 1 0
    tail -n 20 "$log" | sed 's/^/    /'
  }
}
