#!/usr/bin/env bats
# The counting of ./run test: nothing that went wrong may be counted as passed.

setup() {
  ROOT=$(cd "$BATS_TEST_DIRNAME/../../.." && pwd)
  source "$ROOT/scripts/test_count.sh"
}

# tap EXIT-CODE LINE…: what count_tap makes of it.
tap() {
  local code=$1
  shift
  printf '%s\n' "$@" >"$BATS_TEST_TMPDIR/tap"
  count_tap "$BATS_TEST_TMPDIR/tap" "$code"
}

@test "passed, failed and skipped are told apart" {
  [ "$(tap 1 1..4 'ok 1 a' 'not ok 2 b' 'ok 3 c # skip no root' 'ok 4 d # in 3 s')" = "2 1 1" ]
}

@test "tests that the plan has and nobody answered for are failures" {
  [ "$(tap 124 1..5 'ok 1 a' 'ok 2 b')" = "2 3 0" ]
}

@test "no plan at all is a failure" {
  [ "$(tap 1 'bats: no such file')" = "0 1 0" ]
  [ "$(tap 0 '')" = "0 1 0" ]
}

@test "a bad exit code without a failed test is a failure" {
  [ "$(tap 1 1..1 'ok 1 a')" = "1 1 0" ]
}

@test "ctest's results are counted from its junit file" {
  cat >"$BATS_TEST_TMPDIR/junit" <<'XML'
<testsuite name="x" tests="3">
	<testcase name="a" classname="a" time="0.1" status="run"/>
	<testcase name="b" classname="b" time="0.1" status="fail"><failure message=""/></testcase>
	<testcase name="c" classname="c" time="0" status="notrun"><skipped message="x"/></testcase>
</testsuite>
XML
  [ "$(count_ctest "$BATS_TEST_TMPDIR/junit" 8)" = "1 1 1" ]
}

@test "ctest that died before it wrote results is a failure" {
  [ "$(count_ctest "$BATS_TEST_TMPDIR/none" 143)" = "0 1 0" ]
}

@test "the sum is the last line, and says no when nothing ran" {
  LOGS=x
  run print_sums unit
  [ "$status" -eq 1 ]
  [ "${lines[-1]}" = "0 passed, 1 failed" ]
  add unit 2 0 0 1
  add cluster 3 0 0 1
  run print_sums unit cluster
  [ "$status" -eq 0 ]
  [ "${lines[-1]}" = "5 passed, 0 failed" ]
  add cluster 0 1 2 1
  run print_sums unit cluster
  [ "$status" -eq 1 ]
  [ "${lines[-1]}" = "5 passed, 1 failed, 2 skipped" ]
}
