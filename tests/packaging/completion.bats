#!/usr/bin/env bats
# Completion in a real, interactive bash on a terminal: what a person gets who presses Tab.

bats_require_minimum_version 1.5.0

setup() {
  ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
  BIN=${TIDEPOOL_BIN:-$ROOT/build/bin}
  cd "$BATS_TEST_TMPDIR" || return
  # Ctrl-T says what the line has become, and empties it.
  cat >rc <<END
PATH=$BIN:\$PATH
PS1='ready> '
bind 'set bell-style none' 'set enable-bracketed-paste off' 'set page-completions off'
bind -x '"\C-t": printf "\n<%s>\n" "\$READLINE_LINE"; READLINE_LINE='
. $ROOT/packaging/completion/tidepool
END
  mkfifo keys
  env -i HOME="$PWD" TERM=dumb SHELL=/bin/bash PATH="$PATH" \
    script -qefc 'bash --noprofile --rcfile rc -i' screen <keys >/dev/null 2>&1 3>&- &
  SCRIPT=$!
  exec 8>keys
  wait_for_screen 'ready> '
}

teardown() {
  exec 8>&-
  kill "$SCRIPT" 2>/dev/null || true
  wait "$SCRIPT" || true
}

# wait_for_screen TEXT
wait_for_screen() {
  local end=$((SECONDS + 60))
  until grep -qF -- "$1" screen 2>/dev/null; do
    ((SECONDS < end)) || { cat screen; return 1; }
    sleep 0.1
  done
}

# tab LINE RESULT: Tab makes RESULT of the line.
tab() {
  local count
  count=$(grep -c '^<.*>' screen) || true
  printf '%s\t\x14' "$1" >&8
  local end=$((SECONDS + 60))
  until [ "$(grep -c '^<.*>' screen)" -gt "$count" ]; do
    ((SECONDS < end)) || { cat screen; return 1; }
    sleep 0.1
  done
  result=$(tr -d '\r' <screen | sed -n 's/^<\(.*\)>$/\1/p' | tail -n 1)
  [ "$result" = "$2" ] || { echo "'$1' became '$result', not '$2'"; return 1; }
}

@test "sub-commands, options of sub-commands, common options and files are completed" {
  tab 'tidepool rel' 'tidepool release '
  tab 'tidepool pool res' 'tidepool pool reset '
  tab 'tidepool hold --max' 'tidepool hold --max-held '
  tab 'tidepool hold --log-f' 'tidepool hold --log-format '
  tab 'tidepool --log-s' 'tidepool --log-stderr '
  # The option's value is no sub-command, and the sub-command after it is.
  tab 'tidepool --log-level hold --max' 'tidepool --log-level hold --max'
  tab 'tidepool --log-level debug hold --max' 'tidepool --log-level debug hold --max-held '
  : >pools.yaml
  tab 'tidepool --config poo' 'tidepool --config pools.yaml '
  tab 'tidepool --config=poo' 'tidepool --config=pools.yaml '
  tab 'tidepool nonsense' 'tidepool nonsense'
}

@test "Tab twice lists all sub-commands of tidepool --help" {
  local command
  printf 'tidepool \t\t\x14' >&8
  wait_for_screen '<tidepool >'
  while read -r command; do
    grep -qE "(^| )$command( |$)" <(tr -d '\r' <screen) || { cat screen; echo "no $command"; false; }
  done < <("$BIN/tidepool" --help | sed -n '/^Subcommands:/,$p' | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p')
}
