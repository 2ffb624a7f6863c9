#!/usr/bin/env bats
# The manual pages render, and say what the programs' --help says: no more, no less.

setup() {
  ROOT=$(cd "$BATS_TEST_DIRNAME/../../.." && pwd)
  MAN=$ROOT/packaging/man
  PATH=${TIDEPOOL_BIN:-$ROOT/build/bin}:$PATH
}

# The sub-commands that a --help lists.
subcommands() { "$@" --help | sed -n '/^Subcommands:/,$p' | sed -n 's/^  \([a-z][a-z-]*\)\( .*\|$\)/\1/p'; }

# All commands, a line each: "pool list".
commands() {
  local one two deeper
  for one in $(subcommands tidepool); do
    deeper=$(subcommands tidepool "$one")
    if [[ $deeper ]]; then
      for two in $deeper; do echo "$one $two"; done
    else
      echo "$one"
    fi
  done | sort
}

# Those that tidepool(8) has: the bold words at the start of a line between COMMANDS and the next head. One
# that is used in several ways has several lines.
documented() {
  sed -n '/^# COMMANDS/,/^# EXIT/p' "$MAN/tidepool.8.scd" | sed -n 's/^\*\([a-z][a-z -]*\)\*.*/\1/p' | sort -u
}

# One command's part of tidepool(8).
part_of() {
  awk -v head="*$1*" 'index($0, head) == 1 { on = 1; print; next } /^(\*|#)/ { on = 0 } on' "$MAN/tidepool.8.scd"
}

# The options at the start of a --help's lines; the words beside them may name others.
options_of() { "$@" --help | grep -oE -- '^  (-[a-z], ?)?--[a-z][a-z-]+' | sed 's/.*--/--/' | grep -vx -- --help | sort -u; }

@test "every page renders without a warning" {
  local page
  for page in "$MAN"/*.scd; do
    scdoc <"$page" >"$BATS_TEST_TMPDIR/page"
    LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -l "$BATS_TEST_TMPDIR/page" \
      >"$BATS_TEST_TMPDIR/text" 2>"$BATS_TEST_TMPDIR/warnings"
    cat "$BATS_TEST_TMPDIR/warnings"
    [ ! -s "$BATS_TEST_TMPDIR/warnings" ]
    grep -q '^NAME' "$BATS_TEST_TMPDIR/text"
    grep -q '^SEE ALSO' "$BATS_TEST_TMPDIR/text"
  done
}

@test "tidepool --help and tidepool(8) have the same commands" {
  [ "$(commands | wc -l)" -ge 8 ]
  diff <(commands) <(documented)
}

@test "every option of every command is in tidepool(8)" {
  local command option bad=0
  while read -r command; do
    # shellcheck disable=SC2086 # words
    for option in $(options_of tidepool $command); do
      if ! part_of "$command" | grep -qE -- "\\*$option\\*"; then
        echo "tidepool $command: $option is not in tidepool(8)"
        bad=1
      fi
    done
  done < <(commands)
  for option in $(options_of tidepool); do
    grep -qE -- "^\\*$option\\*|, \\*$option\\*" "$MAN/tidepool.8.scd" || { echo "common $option"; bad=1; }
  done
  [ "$bad" -eq 0 ]
}

@test "no command in tidepool(8) has an option that the program does not know" {
  local command option bad=0
  while read -r command; do
    for option in $(part_of "$command" | head -n 1 | grep -oE -- '\*--[a-z-]+\*' | tr -d '*'); do
      # shellcheck disable=SC2086 # words
      options_of tidepool $command | grep -qx -- "$option" || { echo "tidepool $command $option"; bad=1; }
    done
  done < <(documented)
  [ "$bad" -eq 0 ]
}

@test "every option of the programs that slurmctld calls is in tidepool-resume(8)" {
  local program option bad=0
  for program in tidepool-resume tidepool-suspend tidepool-resume-fail; do
    for option in $(options_of "$program"); do
      grep -qF -- "*$option*" "$MAN/tidepool-resume.8.scd" || { echo "$program $option"; bad=1; }
    done
  done
  [ "$bad" -eq 0 ]
}

@test "spank_tidepool(8) has every option and variable of the plugin, and no other" {
  local source=$ROOT/plugins/spank_tidepool.cpp page=$MAN/spank_tidepool.8.scd
  diff <(sed -nE 's/^char [a-z_]+_name\[\] = "(.*)";/--\1/p' "$source" | sort) \
    <(grep -oE '^\*--[a-z-]+' "$page" | tr -d '*' | sort)
  diff <(grep -oE '"TIDEPOOL_[A-Z_]+"' "$ROOT"/plugins/*.cpp | sed 's/.*"\(.*\)"/\1/' | sort -u) \
    <(grep -oE '^_TIDEPOOL_[A-Z_]+_$' "$page" | sed 's/^_//; s/_$//' | sort -u)
}

@test "tidepool.yaml(5) and the reader of the pool file have the same keys" {
  local read_keys man_keys
  read_keys=$(grep -ohE '\b([rs]\.(text|texts|path|flag|integer|duration|node)\(|read_[a-z]+\(r, )"[a-z_]+"' \
    "$ROOT"/common/config/pool_*.cpp | sed 's/.*"\(.*\)"/\1/' | sort -u)
  [ "$(wc -l <<<"$read_keys")" -gt 40 ]
  man_keys=$(grep -E '^(\*[a-z_]+\*:(, )?)+|^	How running' -A 3 "$MAN/tidepool.yaml.5.scd" |
    grep -oE '\*[a-z_]+\*' | tr -d '*' | sort -u)
  diff <(echo "$read_keys") <(echo "$man_keys")
}
