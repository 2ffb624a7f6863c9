# shellcheck disable=SC2034 # the other parts read these
# The settings of a lab, their defaults, and the command line of `lab up`.

LAB_DIR=${LAB_DIR:-/var/lib/tidepool-lab}
BIN_DIR=${TIDEPOOL_BIN:-}
CLOUD=sim
CLOUD_NAME=demo
NETWORK=hpc
FLAVOR=hpc.small
IMAGE=rocky9-slurm
NUMBER=
OSG_NODES=4
COMPUTE_NODES=2
CPUS=1
QUOTA_INSTANCES=
LATENCY=
BOOT_TIME=
SLURMD_TIMEOUT=120
RESUME_TIMEOUT=300
SUSPEND_TIME=20
SUSPEND_TIMEOUT=10
NODE_ADDR=real
OWNER=
PLUGINS=
STANDIN=
HOLD=
NODES_ARE=static
# Of the pool file: everything that production takes minutes for, in seconds.
declare -A POLICY=([poll]=500ms [poll_idle]=2s [cool_off]=5s [cool_off_max]=20s [orphan_grace]=10s
  [protected_for]=30s)

options_help() {
  cat <<HELP
  --cloud sim|FILE       the simulator (default), or a clouds.yaml: a cloud whose servers run nothing
                         (nova's fake driver); the lab boots VMs for those of its own cluster
  --cloud-name NAME      the cloud's name in clouds.yaml (default: $CLOUD_NAME)
  --network, --flavor, --image NAME
                         for the pool file (default: $NETWORK, $FLAVOR, $IMAGE)
  --number N             the lab's network is 10.N.0.0/20 (default: a free one); with --cloud FILE
                         it must be the subnet of --network
  --nodes N              nodes osg-[001-N], at most 250 (default: $OSG_NODES)
  --compute-nodes N      nodes compute-[01-N], at most 99 (default: $COMPUTE_NODES)
  --cpus N               of each node and its server (default: $CPUS)
  --quota-instances N    the project's quota in the simulator
  --latency T            the simulator adds this to each answer, for example 50ms
  --boot-time T          the simulator's servers take this long to become ACTIVE
  --slurmd-timeout S     SlurmdTimeout (default: $SLURMD_TIMEOUT s)
  --resume-timeout S     ResumeTimeout (default: $RESUME_TIMEOUT s)
  --suspend-time S       SuspendTime, -1 for never (default: $SUSPEND_TIME s)
  --suspend-timeout S    SuspendTimeout (default: $SUSPEND_TIMEOUT s)
  --node-addr real|stale what slurm.conf says about addresses: the right ones (default), or ones
                         where no VM ever is, so that only an update by tidepool makes them right
  --plugins DIR          Slurm loads tidepool's plugins from there (build/plugins): spank_tidepool and
                         job_submit_tidepool, which reads etc/job-policy in the lab's folder
  --standin NAME         a slurmd of that NodeName that stands in for held nodes, in no partition
                         (default: none); lab standin stop and start end and begin it
  --hold YAML            both pools' hold section: '{mode: [suspend]}'; @LAB@ is the lab's folder
  --nodes-are static|configless|dynamic
                         static (default): in slurm.conf, which their slurmd reads from the controller's
                         folder; configless: it fetches slurm.conf as the server's user data says;
                         dynamic: so too, and slurm.conf has none of them: tidepool makes them
  --policy KEY=VALUE     of the pool file's policy, such as cool_off=1s; may be given again
  --dir DIR              the lab's folder (default: \$LAB_DIR or /var/lib/tidepool-lab)
  --bin DIR              the build's programs (default: \$TIDEPOOL_BIN or build/bin of this source tree)
  --owner PID            the lab removes itself when that process is gone
HELP
}

options_parse() {
  while (($#)); do
    case $1 in
      --*=*) set -- "${1%%=*}" "${1#*=}" "${@:2}" ;;
      *) (($# >= 2)) || die "$1: unknown option or value missing (lab --help lists them)" ;;
    esac
    case $1 in
      --cloud) CLOUD=$2 ;;
      --cloud-name) CLOUD_NAME=$2 ;;
      --network) NETWORK=$2 ;;
      --flavor) FLAVOR=$2 ;;
      --image) IMAGE=$2 ;;
      --number) NUMBER=$(_number "$1" "$2" 1 250) ;;
      --nodes) OSG_NODES=$(_number "$1" "$2" 1 250) ;;
      --compute-nodes) COMPUTE_NODES=$(_number "$1" "$2" 1 99) ;;
      --cpus) CPUS=$(_number "$1" "$2" 1 64) ;;
      --quota-instances) QUOTA_INSTANCES=$(_number "$1" "$2" 0 100000) ;;
      --latency) LATENCY=$2 ;;
      --boot-time) BOOT_TIME=$2 ;;
      --slurmd-timeout) SLURMD_TIMEOUT=$(_number "$1" "$2" 0 65533) ;;
      --resume-timeout) RESUME_TIMEOUT=$(_number "$1" "$2" 1 65533) ;;
      --suspend-time) SUSPEND_TIME=$(_number "$1" "$2" -1 65533) ;;
      --suspend-timeout) SUSPEND_TIMEOUT=$(_number "$1" "$2" 1 65533) ;;
      --node-addr)
        [[ $2 == real || $2 == stale ]] || die "--node-addr: real or stale, not $2"
        NODE_ADDR=$2
        ;;
      --standin)
        [[ $2 =~ ^[a-z][a-z0-9-]*$ ]] || die "--standin: a node's name, such as keeper, not $2"
        STANDIN=$2
        ;;
      --hold)
        [[ $2 == '{'*'}' ]] || die "--hold: YAML in braces, such as '{mode: [suspend]}', not $2"
        HOLD=$2
        ;;
      --nodes-are)
        [[ $2 =~ ^(static|configless|dynamic)$ ]] || die "--nodes-are: static, configless or dynamic, not $2"
        NODES_ARE=$2
        ;;
      --policy)
        [[ $2 =~ ^[a-z_]+=[a-z0-9]+$ ]] || die "--policy: KEY=VALUE, such as cool_off=5s, not $2"
        POLICY[${2%%=*}]=${2#*=}
        ;;
      --plugins) PLUGINS=$2 ;;
      --dir) LAB_DIR=$2 ;;
      --bin) BIN_DIR=$2 ;;
      --owner) OWNER=$(_number "$1" "$2" 1 4194304) ;;
      *) die "unknown option $1 (lab --help lists them)" ;;
    esac
    shift 2
  done
  [[ $LAB_DIR == /* ]] || LAB_DIR=$PWD/$LAB_DIR
  # A socket's path holds 107 characters, and ours is LAB_DIR/run/munge.socket.
  ((${#LAB_DIR} <= 80)) || die "the lab's folder needs a shorter path: $LAB_DIR"
}

# _number OPTION VALUE MIN MAX
_number() {
  { [[ $2 =~ ^-?[0-9]{1,7}$ ]] && (($2 >= $3 && $2 <= $4)); } || die "$1: a number from $3 to $4, not $2"
  echo "$2"
}
