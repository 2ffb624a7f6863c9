# shellcheck shell=bash
# Counting tests. A runner that says nothing believable counts as a failure: a crash must not pass.

declare -gA PASSED=() FAILED=() SKIPPED=() SECONDS_OF=()
SKIP_REASONS=()
NOT_TESTED=() # files that run only when they are named
LOGS=
TIMES= # where the time went beside the rings

prepare_logs() {
  LOGS=$1/test-logs
  rm -rf "$LOGS"
  mkdir -p "$LOGS"
}

# add RING PASSED FAILED SKIPPED SECONDS
add() {
  PASSED[$1]=$((${PASSED[$1]:-0} + $2))
  FAILED[$1]=$((${FAILED[$1]:-0} + $3))
  SKIPPED[$1]=$((${SKIPPED[$1]:-0} + $4))
  SECONDS_OF[$1]=$((${SECONDS_OF[$1]:-0} + $5))
}

# skip_ring RING WHY: nothing of it ran; one skip, so that the sum shows it.
skip_ring() {
  add "$1" 0 0 1 0
  SKIP_REASONS+=("ring $1: $2")
  echo "  skipped: $2"
}

# count_ctest JUNIT-FILE EXIT-CODE: prints "PASSED FAILED SKIPPED".
count_ctest() {
  local file=$1 code=$2 passed=0 failed=0 skipped=0
  if [[ -s $file ]]; then
    passed=$(grep -c '<testcase .*status="run"' "$file" || true)
    failed=$(grep -c '<testcase .*status="fail"' "$file" || true)
    skipped=$(grep -cE '<testcase .*status="(notrun|disabled)"' "$file" || true)
  fi
  if ((code != 0 && failed == 0)); then failed=1; fi
  echo "$passed $failed $skipped"
}

# count_tap LOG EXIT-CODE: the same of bats' TAP. Tests that the plan has and no line answers for
# (bats was ended before) are failures.
count_tap() {
  awk -v code="$2" '
    /^1\.\.[0-9]+$/        { plan = substr($0, 4) + 0; planned = 1; next }
    /^ok [0-9]+ .*# skip/  { skipped++; next }
    /^ok [0-9]+/           { passed++; next }
    /^not ok [0-9]+/       { failed++; next }
    END {
      seen = passed + failed + skipped
      if (plan > seen) failed += plan - seen
      if ((code != 0 || !planned) && failed == 0) failed = 1
      print passed + 0, failed + 0, skipped + 0
    }' "$1"
}

# print_sums RING…: a table, what was skipped, and the line that counts. Returns 1 unless all is well.
print_sums() {
  local ring passed=0 failed=0 skipped=0 reason
  echo
  printf '%-10s %8s %8s %8s %8s\n' ring passed failed skipped seconds
  for ring in "$@"; do
    printf '%-10s %8d %8d %8d %8d\n' "$ring" "${PASSED[$ring]:-0}" "${FAILED[$ring]:-0}" \
      "${SKIPPED[$ring]:-0}" "${SECONDS_OF[$ring]:-0}"
    passed=$((passed + ${PASSED[$ring]:-0}))
    failed=$((failed + ${FAILED[$ring]:-0}))
    skipped=$((skipped + ${SKIPPED[$ring]:-0}))
  done
  for reason in ${SKIP_REASONS[@]+"${SKIP_REASONS[@]}"}; do
    # What is said loudly already stands as it is.
    [[ $reason == SKIPPED:* ]] && echo "$reason" || echo "skipped: $reason"
  done
  for reason in ${NOT_TESTED[@]+"${NOT_TESTED[@]}"}; do echo "NOT TESTED: $reason"; done
  [[ -z $TIMES ]] || echo "time: $TIMES"
  echo "logs: $LOGS"
  echo
  if ((passed + failed == 0)); then
    echo "no test ran"
    failed=1
  fi
  if ((skipped > 0)); then
    echo "$passed passed, $failed failed, $skipped skipped"
  else
    echo "$passed passed, $failed failed"
  fi
  ((failed == 0))
}
