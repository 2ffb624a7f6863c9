# shellcheck shell=bash
# ./run format, and the lists of files that format and lint work on.
# shellcheck source=scripts/packages.sh
source "$ROOT/scripts/packages.sh"

help_format() {
  cat <<'END'
Usage: ./run format

Lays every tracked C++ file out by .clang-format, in place.
END
}

# Tracked files; in an unpacked tarball, which has no git, all files outside build folders.
source_files() {
  if git -C "$ROOT" rev-parse --git-dir >/dev/null 2>&1; then
    git -C "$ROOT" ls-files -co --exclude-standard
  else
    (cd "$ROOT" && find . -path './build*' -prune -o -type f -printf '%P\n')
  fi
}

cpp_files() { source_files | grep -E '\.(cpp|hpp)$'; }

# Shell scripts are told by their first line or, sourced ones, by shellcheck's; bats files by name.
shell_files() {
  local file line
  source_files | grep -vE '\.(cpp|hpp|md|svg|json|yaml|scd)$' | while IFS= read -r file; do
    [[ -f $ROOT/$file ]] || continue
    line=
    IFS= read -r line <"$ROOT/$file" 2>/dev/null || true
    case $line in
      '#!'*bats | '#!'*/bash | '#!'*/sh | '#!'*'env bash' | '# shellcheck shell='*) echo "$file" ;;
    esac
  done
}

run_format() {
  case ${1-} in
    -h | --help) help_format; return ;;
    '') ;;
    *) wrong_usage "format takes no argument '$1'" "./run format --help" ;;
  esac
  ensure_packages
  (cd "$ROOT" && cpp_files | xargs -r clang-format -i)
}
