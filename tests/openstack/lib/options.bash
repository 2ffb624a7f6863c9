# shellcheck shell=bash disable=SC2034 # the other parts read these
# The command line, and the settings of a cloud. They are kept in its folder, so that a later `up`
# without options changes nothing.

CLOUD_DIR=${OPENSTACK_DIR:-}
PORT_BASE=
OFFLOAD_TIME=0
COUNT_FROM_PLACEMENT=false
QUOTA_INSTANCES=-1
QUOTA_CORES=-1
QUOTA_RAM=-1
readonly SETTINGS=(PORT_BASE OFFLOAD_TIME COUNT_FROM_PLACEMENT QUOTA_INSTANCES QUOTA_CORES QUOTA_RAM)
declare -A GIVEN=() # settings of this command line
OWNER=
KEEP=
WORDS=()

_default_dir() {
  if ((EUID == 0)); then
    echo /var/lib/tidepool-openstack
  else
    echo "${XDG_STATE_HOME:-$HOME/.local/state}/tidepool-openstack"
  fi
}

options_help() {
  cat <<HELP
  --offload-time 0|-1      nova's shelved_offload_time: a shelved server leaves its host at once (0,
                           default) or never (-1)
  --count-from-placement   nova's [quota]count_usage_from_placement: cores and RAM of shelved-offloaded
  --count-from-database    servers fill no quota; or (default) they do
  --quota-instances N, --quota-cores N, --quota-ram MIB
                           of project demo (default: -1, no limit)
  --port-base N            first of 10 ports on 127.0.0.1 (default: the first free ones from 17000)
  --owner PID              the cloud goes when that process is gone
These can be given again while the cloud is up: what they concern is restarted (--port-base: cannot).

Of all commands:
  --dir DIR                the cloud's folder (default: \$OPENSTACK_DIR or
                           $(_default_dir))
HELP
}

options_parse() {
  while (($#)); do
    case $1 in
      --*=*)
        set -- "${1%%=*}" "${1#*=}" "${@:2}"
        [[ $1 != --keep && $1 != --count-from-* ]] || wrong_usage "$1 takes no value"
        ;;
      --keep | --count-from-*) ;;
      --*) (($# >= 2)) || wrong_usage "$1: unknown option, or its value is missing" ;;
    esac
    case $1 in
      --dir) CLOUD_DIR=$2 ;;
      --port-base) _number PORT_BASE "$1" "$2" 1024 32000 ;;
      --offload-time)
        [[ $2 == 0 || $2 == -1 ]] || wrong_usage "$1: 0 or -1, not $2"
        GIVEN[OFFLOAD_TIME]=$2
        ;;
      --count-from-placement) GIVEN[COUNT_FROM_PLACEMENT]=true ;;
      --count-from-database) GIVEN[COUNT_FROM_PLACEMENT]=false ;;
      --quota-instances) _number QUOTA_INSTANCES "$1" "$2" -1 1000000 ;;
      --quota-cores) _number QUOTA_CORES "$1" "$2" -1 1000000 ;;
      --quota-ram) _number QUOTA_RAM "$1" "$2" -1 100000000 ;;
      --owner) _number OWNER "$1" "$2" 1 4194304 ;;
      --keep) KEEP=yes ;;
      -*) wrong_usage "unknown option $1" ;;
      *) WORDS+=("$1") ;;
    esac
    case $1 in
      --keep | --count-from-* | [!-]*) shift ;;
      *) shift 2 ;;
    esac
  done
  OWNER=${GIVEN[OWNER]:-}
  unset 'GIVEN[OWNER]'
  CLOUD_DIR=$(readlink -m "${CLOUD_DIR:-$(_default_dir)}")
  [[ $CLOUD_DIR != *[[:space:]]* ]] || wrong_usage "the folder's name must have no blanks: $CLOUD_DIR"
  # A socket's path holds 107 characters, and ours is CLOUD_DIR/run/mariadb.sock.
  ((${#CLOUD_DIR} <= 80)) || wrong_usage "the folder needs a shorter path: $CLOUD_DIR"
}

# _number SETTING OPTION VALUE MIN MAX
_number() {
  { [[ $3 =~ ^-?[0-9]{1,9}$ ]] && (($3 >= $4 && $3 <= $5)); } ||
    wrong_usage "$2: a number from $4 to $5, not $3"
  GIVEN[$1]=$3
}

# settings_load: what the cloud in CLOUD_DIR was given before; fails when there is none.
settings_load() {
  # shellcheck source=/dev/null
  source "$CLOUD_DIR/settings" 2>/dev/null
}

# settings_differ: the command line asks for something that the cloud does not have.
settings_differ() {
  local name
  for name in "${!GIVEN[@]}"; do
    [[ ${!name} == "${GIVEN[$name]}" ]] || return 0
  done
  return 1
}

# settings_merge: takes the command line's and keeps them.
settings_merge() {
  local name
  if [[ -n ${GIVEN[PORT_BASE]:-} && -n $PORT_BASE && ${GIVEN[PORT_BASE]} != "$PORT_BASE" ]]; then
    die "this cloud's ports begin at $PORT_BASE, and its catalog and its clouds.yaml say so: down first"
  fi
  for name in "${!GIVEN[@]}"; do printf -v "$name" %s "${GIVEN[$name]}"; done
  [[ -n $PORT_BASE ]] || PORT_BASE=$(ports_find)
  for name in "${SETTINGS[@]}"; do printf '%s=%s\n' "$name" "${!name}"; done >"$CLOUD_DIR/settings.new"
  mv "$CLOUD_DIR/settings.new" "$CLOUD_DIR/settings"
}
