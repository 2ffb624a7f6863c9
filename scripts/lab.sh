# shellcheck shell=bash
# ./run lab: tests/lab/lab with the programs it needs.
# shellcheck source=scripts/build.sh
source "$ROOT/scripts/build.sh"

readonly PROGRAMS=(tidepool tidepool-resume tidepool-suspend tidepool-resume-fail tidepool-sim)

help_lab() {
  cat <<'END'
Usage: ./run lab up [OPTION VALUE]…     start a Slurm cluster on this machine, and return
       eval "$(./run lab env)"          sbatch, sinfo, tidepool … of this shell act on it
       ./run lab status                 what runs
       ./run lab down                   remove every trace of it

Real munged, slurmctld and slurmd; the cloud is the simulator, its servers are network
namespaces. Needs root. The options of up:  ./run lab up --help
END
}

run_lab() {
  case ${1-} in
    -h | --help) help_lab; return ;;
    '') wrong_usage "lab needs up, env, status or down" "./run lab --help" ;;
    up)
      [[ " $* " == *" --help "* || " $* " == *" -h "* ]] || prepare_lab
      ;;
    down | env | status) ;;
    *) wrong_usage "unknown lab command '$1'" "./run lab --help" ;;
  esac
  exec "$ROOT/tests/lab/lab" "$@"
}

prepare_lab() {
  ((EUID == 0)) || die "the lab makes network namespaces and runs slurmctld as user slurm: run it as root"
  build_targets dev "${PROGRAMS[@]}"
}
