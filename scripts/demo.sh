# shellcheck shell=bash
# ./run demo: tests/demo/demo with the programs it needs.
# shellcheck source=scripts/lab.sh
source "$ROOT/scripts/lab.sh"

help_demo() {
  cat <<'END'
Usage: ./run demo

Starts a real Slurm cluster and an OpenStack simulator on this machine, submits jobs, and
tells what happens: nodes that come for the jobs, a quota that is hit, a running job whose
server leaves and comes back, pilots that make room for another job, idle nodes that leave.
About three minutes after the build; needs root; everything is removed at the end.
END
}

run_demo() {
  case ${1-} in
    -h | --help) help_demo; return ;;
    '') ;;
    *) wrong_usage "demo takes no argument '$1'" "./run demo --help" ;;
  esac
  prepare_lab
  exec "$ROOT/tests/demo/demo"
}
