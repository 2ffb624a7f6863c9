# shellcheck shell=bash
# ./run bench: release build, then what tests/bench measures.
# shellcheck source=scripts/build.sh
source "$ROOT/scripts/build.sh"

help_bench() {
  cat <<'END'
Usage: ./run bench

Builds the programs with the release preset and measures: the hooks' time and resident memory next
to python3 -c 'import openstack', in the same run; and counts what the cloud is asked while a job
gets 20 nodes and gives them back (needs root, for the lab).
BENCH_TIMES=N, BENCH_NODES=N: other numbers of runs and nodes.
END
}

run_bench() {
  case ${1-} in
    -h | --help) help_bench; return ;;
    '') ;;
    *) wrong_usage "bench takes no argument '$1'" "./run bench --help" ;;
  esac
  build_targets release tidepool tidepool-resume tidepool-suspend tidepool-resume-fail tidepool-sim
  exec env TIDEPOOL_BIN="$ROOT/build-release/bin" "$ROOT/tests/bench/bench"
}
