#!/usr/bin/env bats
# The time limit of ./run test: a file that hangs is ended with all its children, and counted.

setup() {
  ROOT=$(cd "$BATS_TEST_DIRNAME/../../.." && pwd)
  LOGS=$BATS_TEST_TMPDIR/logs
  mkdir -p "$LOGS"
  source "$ROOT/scripts/test_count.sh"
  source "$ROOT/scripts/test_runners.sh"
}

gone() { # PID, within 20 seconds
  for _ in {1..200}; do
    kill -0 "$1" 2>/dev/null || return 0
    sleep 0.1
  done
  return 1
}

@test "a command that hangs is ended with its children" {
  run limited 1 "$LOGS/x" bash -c "sleep 600 & echo \$! >'$BATS_TEST_TMPDIR/pid'; wait"
  [ "$status" -eq 124 ]
  grep -q 'ended after 1 seconds' "$LOGS/x"
  gone "$(cat "$BATS_TEST_TMPDIR/pid")"
}

@test "a hanging bats file counts as failed and the next one still runs" {
  printf '# Time limit: 2 s\n%s "hangs" { sleep 600; }\n' @test >"$BATS_TEST_TMPDIR/hang.bats"
  printf '%s "fine" { true; }\n' @test >"$BATS_TEST_TMPDIR/fine.bats"
  ROOT=$BATS_TEST_TMPDIR
  run_bats cluster "$BATS_TEST_TMPDIR" hang.bats ''
  run_bats cluster "$BATS_TEST_TMPDIR" fine.bats ''
  [ "${PASSED[cluster]}" -eq 1 ]
  [ "${FAILED[cluster]}" -eq 1 ]
}

@test "SIGINT reaches a command as in a shell of a person" {
  run limited 20 "$LOGS/x" bash -c "trap 'exit 7' INT; kill -INT \$\$; exit 1"
  [ "$status" -eq 7 ]
}

# files NAME…: bats files that note when they begin and end.
files() {
  local name
  for name in "$@"; do
    printf '%s\n%s "%s" { echo begin %s >>"%s/order"; sleep 1; echo end %s >>"%s/order"; }\n' \
      "${HEAD-}" @test "$name" "$name" "$BATS_TEST_TMPDIR" "$name" "$BATS_TEST_TMPDIR" \
      >"$BATS_TEST_TMPDIR/$name.bats"
  done
}

@test "files run side by side, are reported in order, and one that wants to be alone is" {
  files one two
  HEAD='# Alone: it says so' files solo
  ROOT=$BATS_TEST_TMPDIR
  run_bats_files cluster "$BATS_TEST_TMPDIR" '' 4 < <(printf '%s.bats\n' one solo two) >"$BATS_TEST_TMPDIR/said"
  [ "${PASSED[cluster]}" -eq 3 ]
  [ "${FAILED[cluster]:-0}" -eq 0 ]
  [ "$(grep -o '[a-z]*\.bats' "$BATS_TEST_TMPDIR/said" | tr '\n' ' ')" = "one.bats two.bats solo.bats " ]
  [ "$(tail -n 2 "$BATS_TEST_TMPDIR/order" | tr '\n' ' ')" = "begin solo end solo " ]
}

@test "a file whose runner is killed counts as failed" {
  printf '%s "fine" { true; }\n' @test >"$BATS_TEST_TMPDIR/killed.bats"
  ROOT=$BATS_TEST_TMPDIR
  exec_bats() { kill -KILL "$BASHPID"; }
  run_bats_files cluster "$BATS_TEST_TMPDIR" '' 2 < <(echo killed.bats)
  [ "${FAILED[cluster]}" -eq 1 ]
}
