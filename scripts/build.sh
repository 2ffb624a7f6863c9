# shellcheck shell=bash
# ./run build, and build_targets for the commands that need programs.
# shellcheck source=scripts/packages.sh
source "$ROOT/scripts/packages.sh"

help_build() {
  cat <<'END'
Usage: ./run build [--preset dev|asan|tsan|release] [TARGET…]

Installs what is missing, configures and compiles. Programs: build/bin
(build-asan/bin and so on for the other presets). Without TARGET: everything, tests too.
END
}

# build_dir PRESET: as CMakePresets.json has it.
build_dir() {
  if [[ $1 == dev ]]; then echo "$ROOT/build"; else echo "$ROOT/build-$1"; fi
}

# build_targets PRESET [TARGET…]
build_targets() {
  local preset=$1 dir args=() target
  shift
  dir=$(build_dir "$preset")
  for target in "$@"; do args+=(--target "$target"); done
  ensure_packages
  if must_configure "$dir"; then
    say "configuring $dir"
    quietly "$dir.configure.log" cmake -S "$ROOT" --preset "$preset"
  fi
  say "building ${*:-everything} in $dir"
  quietly "$dir/build.log" cmake --build "$dir" -j "$(nproc)" "${args[@]}"
}

# Ninja configures again by itself when a CMakeLists.txt that it knows changed, but it does not see
# a new one, nor the presets.
must_configure() {
  [[ ! -e $1/build.ninja ]] || [[ -n $(find "$ROOT" -path "$ROOT/build*" -prune -o -path "$ROOT/.git" -prune \
    -o \( -name CMakeLists.txt -o -name CMakePresets.json \) -newer "$1/build.ninja" -print -quit) ]]
}

# quietly LOG COMMAND…: on a terminal the command shows itself; elsewhere its output goes to LOG
# and the end of it is shown when it fails.
quietly() {
  local log=$1
  shift
  if [[ -t 2 ]]; then
    (cd "$ROOT" && "$@") >&2 || die "failed: $*"
  else
    (cd "$ROOT" && "$@") >"$log" 2>&1 || {
      show_end "$log"
      die "failed: $* (all of it: $log)"
    }
  fi
}

run_build() {
  local preset=dev targets=()
  while (($#)); do
    case $1 in
      -h | --help) help_build; return ;;
      --preset)
        need_value "$1" $# "./run build --help"
        preset=$2
        shift
        ;;
      -*) wrong_usage "unknown option '$1'" "./run build --help" ;;
      *) targets+=("$1") ;;
    esac
    shift
  done
  case $preset in
    dev | asan | tsan | release) ;;
    *) wrong_usage "unknown preset '$preset'" "./run build --help" ;;
  esac
  build_targets "$preset" ${targets[@]+"${targets[@]}"}
  list_programs "$(build_dir "$preset")/bin"
}

list_programs() {
  local path names=()
  for path in "$1"/tidepool*; do
    [[ ! -x $path ]] || names+=("${path##*/}")
  done
  say "done: ${names[*]:-no programs} in $1"
}
