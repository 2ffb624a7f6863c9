# shellcheck shell=bash
# ./run lint.
# shellcheck source=scripts/build.sh
source "$ROOT/scripts/build.sh"
# shellcheck source=scripts/format.sh
source "$ROOT/scripts/format.sh"

help_lint() {
  cat <<'END'
Usage: ./run lint [--all] [--no-tidy]

clang-format (dry run), shellcheck, the direction of the layers' includes, and clang-tidy
on the C++ sources that differ from the main branch; on all of them with --all.
--no-tidy leaves clang-tidy, the slow part, out.
END
}

run_lint() {
  local all='' tidy=yes bad=0
  while (($#)); do
    case $1 in
      -h | --help) help_lint; return ;;
      --all) all=yes ;;
      --no-tidy) tidy='' ;;
      *) wrong_usage "unknown option '$1'" "./run lint --help" ;;
    esac
    shift
  done
  ensure_packages
  cd "$ROOT" || die "cannot enter $ROOT"
  say "layers"
  tests/unit/layers/check "$ROOT" || bad=1
  say "clang-format"
  cpp_files | xargs -r clang-format --dry-run -Werror || bad=1
  say "shellcheck"
  shell_files | xargs -r shellcheck -x || bad=1
  if [[ $tidy ]]; then tidy "$all" || bad=1; fi
  ((bad == 0)) || die "lint found faults (above)"
  say "no faults"
}

# Sources that differ from main (or are not committed yet); headers are looked at through them.
changed_sources() {
  { git diff --name-only main -- 2>/dev/null; git ls-files -o --exclude-standard; } |
    grep -E '^(common|resume_suspend|plugins)/.*\.cpp$' | sort -u
}

tidy() {
  local files=() file present=()
  if [[ $1 ]] || ! git rev-parse -q --verify main >/dev/null 2>&1; then
    mapfile -t files < <(cpp_files | grep -E '^(common|resume_suspend|plugins)/.*\.cpp$')
  else
    mapfile -t files < <(changed_sources)
  fi
  for file in ${files[@]+"${files[@]}"}; do
    [[ ! -e $file ]] || present+=("$file")
  done
  say "clang-tidy on ${#present[@]} files"
  ((${#present[@]} > 0)) || return 0
  # File by file: the build's batches would hide what a file forgets to include.
  quietly "$ROOT/build/tidy.configure.log" cmake -S "$ROOT" --preset dev -B "$ROOT/build/tidy" \
    -DCMAKE_UNITY_BUILD=OFF
  # clang does not know all of g++'s options, and Asio does not know that clang has coroutines.
  sed -i -E 's/ -fcoroutines| -Wno-maybe-uninitialized| -fuse-ld=mold| -Winvalid-pch//g' \
    build/tidy/compile_commands.json
  printf '%s\0' "${present[@]}" | xargs -0 -n 1 -P "$(nproc)" clang-tidy-16 -p build/tidy --quiet \
    --extra-arg=-DBOOST_ASIO_HAS_CO_AWAIT=1 --extra-arg=-DBOOST_ASIO_HAS_STD_COROUTINE=1
}
