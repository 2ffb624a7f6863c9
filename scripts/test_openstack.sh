# shellcheck shell=bash
# The real OpenStack services of a run: brought up once, beside the build and the first ring, and taken
# down whatever happens.
# shellcheck source=scripts/packages.sh
source "$ROOT/scripts/packages.sh"

readonly UP_LIMIT=1500 # seconds for packages and start; both took 12 minutes on two busy cores
readonly CLOUD_COMMAND=$ROOT/tests/openstack/cloud
# Tests side by side, each in a project of its own. More only wait for neutron.
readonly CLOUD_PROJECTS=(contract1 contract2 contract3 contract4)
CLOUD_FOLDER= # of the services' data; empty: not asked for
CLOUD_JOB=    # process that brings them up
CLOUD_STATE=  # empty: not waited for yet; up, unavailable (no packages), failed
CLOUD_WHY=

# cloud_begin: in the background. The folder is not below the build, for two builds must not share one.
cloud_begin() {
  CLOUD_FOLDER=$(mktemp -d /tmp/tidepool-openstack.XXXXXX)
  trap cloud_end EXIT
  say "real OpenStack services come up in $CLOUD_FOLDER meanwhile"
  # shellcheck disable=SC2016 # for the inner shell
  setsid bash -c '
    set -euo pipefail
    ROOT=$1 folder=$2 owner=$3
    source "$ROOT/scripts/common.sh"
    source "$ROOT/scripts/packages.sh"
    ensure_listed "$ROOT/tests/openstack/packages" || exit 75
    # --owner: they go with us, whatever ends us.
    "$ROOT/tests/openstack/cloud" up --dir "$folder" --owner "$owner"
    "$ROOT/tests/openstack/cloud" project --dir "$folder" "${@:4}"
  ' cloud "$ROOT" "$CLOUD_FOLDER" $$ "${CLOUD_PROJECTS[@]}" >"$CLOUD_FOLDER.log" 2>&1 </dev/null &
  CLOUD_JOB=$!
}

# cloud_wait: sets CLOUD_STATE.
cloud_wait() {
  local code=0 start=$SECONDS
  [[ -n $CLOUD_JOB && -z $CLOUD_STATE ]] || return 0
  while kill -0 "$CLOUD_JOB" 2>/dev/null && ((SECONDS - start < UP_LIMIT)); do sleep 1; done
  if kill -0 "$CLOUD_JOB" 2>/dev/null; then
    CLOUD_STATE=failed CLOUD_WHY="not up after $UP_LIMIT seconds"
    kill -TERM -- "-$CLOUD_JOB" 2>/dev/null || true
    return 0
  fi
  wait "$CLOUD_JOB" || code=$?
  case $code in
    0) CLOUD_STATE=up ;;
    75) CLOUD_STATE=unavailable CLOUD_WHY="the packages of tests/openstack/packages cannot be installed" ;;
    # die's: ensure_listed ends its shell itself when apt-get fails, before anything was started.
    *)
      if [[ -e $CLOUD_FOLDER/tidepool-openstack ]]; then
        CLOUD_STATE=failed CLOUD_WHY="they did not come up"
      else
        CLOUD_STATE=unavailable CLOUD_WHY="the packages of tests/openstack/packages cannot be installed"
      fi
      ;;
  esac
  say "OpenStack services: $CLOUD_STATE after another $((SECONDS - start)) s"
}

# cloud_ready RING WHAT: true when they are up; otherwise counted, as a skip or as a failure.
cloud_ready() {
  cloud_wait
  case $CLOUD_STATE in
    up) return 0 ;;
    unavailable)
      add "$1" 0 0 1 0
      SKIP_REASONS+=("SKIPPED: $2 was NOT tested on real OpenStack services: $CLOUD_WHY")
      echo "  SKIPPED: $2 on real OpenStack services: $CLOUD_WHY"
      ;;
    *)
      report "$1" "OpenStack services" 0 1 0 1 0
      echo "    $CLOUD_WHY"
      ;;
  esac
  cloud_log_end
  return 1
}

cloud_log_end() { tail -n 40 "$CLOUD_FOLDER.log" | sed 's/^/    /'; }

# cloud_end: nothing of it is left. Called once more at exit, whatever has ended us.
cloud_end() {
  [[ -n $CLOUD_FOLDER ]] || return 0
  local folder=$CLOUD_FOLDER
  CLOUD_FOLDER=
  if [[ -n $CLOUD_JOB ]] && kill -0 "$CLOUD_JOB" 2>/dev/null; then
    kill -TERM -- "-$CLOUD_JOB" 2>/dev/null || true
    wait "$CLOUD_JOB" 2>/dev/null || true
  fi
  if [[ -d $LOGS ]]; then
    cp "$folder.log" "$LOGS/openstack-up.log" 2>/dev/null || true
    [[ ! -d $folder/log ]] || cp -r "$folder/log" "$LOGS/openstack" 2>/dev/null || true
  fi
  "$CLOUD_COMMAND" down --dir "$folder" >>"$folder.log" 2>&1 || {
    say "the OpenStack services did not go:"
    tail -n 20 "$folder.log" >&2
    return 1
  }
  rm -rf "$folder.log" "$folder"
}
