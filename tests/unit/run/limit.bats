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
