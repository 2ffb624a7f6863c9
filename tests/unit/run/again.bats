#!/usr/bin/env bats
# ./run test's second try: what fails is run once more in the end, and the sum says so.

setup() {
  ROOT=$(cd "$BATS_TEST_DIRNAME/../../.." && pwd)
  source "$ROOT/scripts/test_count.sh"
  source "$ROOT/scripts/test_runners.sh"
  LOGS=$BATS_TEST_TMPDIR/logs
  mkdir -p "$LOGS"
  ROOT=$BATS_TEST_TMPDIR
  printf '%s "fine" { true; }\n' @test >"$ROOT/fine.bats"
  printf '%s "never" { false; }\n' @test >"$ROOT/never.bats"
  # Fails until it has been here before.
  printf '%s "shy" {\n  mkdir %q && return 1\n  true\n}\n' @test "$ROOT/been" >"$ROOT/shy.bats"
}

@test "a file that passes at its second try counts as passed, and is named" {
  run_bats_files unit "$ROOT" '' 2 < <(printf '%s\n' shy.bats fine.bats) >"$ROOT/out"
  [ "${PASSED[unit]}" -eq 2 ]
  [ "${FAILED[unit]}" -eq 0 ]
  [ "${SECOND_TRIES[*]}" = "shy.bats: shy" ]
  grep -q 'again .*shy.bats' "$ROOT/out"
  run print_sums unit
  [ "$status" -eq 0 ]
  [[ $output == *"NEEDED A SECOND TRY: shy.bats: shy"* ]]
}

@test "a file that fails twice counts as failed, once" {
  run_bats_files unit "$ROOT" '' 2 < <(printf '%s\n' never.bats fine.bats) >"$ROOT/out"
  [ "${PASSED[unit]}" -eq 1 ]
  [ "${FAILED[unit]}" -eq 1 ]
}

@test "of ctest's tests, those that failed first and then passed are named" {
  cat >"$LOGS/x.log" <<'LOG'
      Start  1: a.Fine
 1/3 Test  #1: a.Fine ..................   Passed    0.01 sec
      Start  2: a.Shy
      Start  2: a.Shy
      Start  3: a.Never
 2/3 Test  #2: a.Shy ...................***Failed    0.01 sec
     Test  #2: a.Shy ...................   Passed    0.01 sec
 3/3 Test  #3: a.Never .................***Failed    0.01 sec
     Test  #3: a.Never .................***Failed    0.01 sec
LOG
  note_second_tries here "$LOGS/x.log"
  [ "${SECOND_TRIES[*]}" = "here: a.Shy" ]
}
