# shellcheck shell=bash
# ./run bench: release build, then what tests/bench measures.
# shellcheck source=scripts/build.sh
source "$ROOT/scripts/build.sh"

help_bench() {
  cat <<'END'
Usage: ./run bench

Builds with the release preset and measures: the hooks' start-up time, resident memory and
requests next to python3 -c 'import openstack', and the library's hot paths.
END
}

run_bench() {
  case ${1-} in
    -h | --help) help_bench; return ;;
    '') ;;
    *) wrong_usage "bench takes no argument '$1'" "./run bench --help" ;;
  esac
  build_targets release
  exec env TIDEPOOL_BIN="$ROOT/build-release/bin" "$ROOT/tests/bench/bench"
}
