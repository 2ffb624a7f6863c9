#!/usr/bin/env bats
# The table of ./run test contract: both sides' results, and no difference that is overlooked.

setup() {
  ROOT=$(cd "$BATS_TEST_DIRNAME/../../.." && pwd)
  source "$ROOT/scripts/test_contract.sh"
  cd "$BATS_TEST_TMPDIR" || return
  printf '# a comment\nTrouble answers that are cut\n' >reasons
}

# junit FILE NAME=STATUS…
junit() {
  local file=$1 case
  shift
  {
    echo '<testsuite name="(empty)" tests="1">'
    for case in "$@"; do
      printf '\t<testcase name="contract.%s" classname="x" time="1" status="%s">\n\t</testcase>\n' \
        "${case%=*}" "${case##*=}"
    done
    echo '</testsuite>'
  } >"$file"
}

@test "alike is alike, however many there are" {
  local cases=()
  for i in {1..2000}; do cases+=("Create.Number$i=run"); done
  junit sim "${cases[@]}"
  junit real "${cases[@]}"
  run contract_table reasons sim real
  [ "$status" -eq 0 ]
  [ "${lines[-1]}" = "2000 alike, 0 on the simulator only, 0 different" ]
}

@test "real results come from several files" {
  junit sim A.a=run B.b=run
  junit real A.a=run
  junit alone B.b=run
  run contract_table reasons sim real alone
  [ "$status" -eq 0 ]
  [ "${lines[-1]}" = "2 alike, 0 on the simulator only, 0 different" ]
}

@test "a case that fails, is skipped or is missing on one side is a difference" {
  junit real A.a=run
  for case in A.a=fail A.a=notrun B.b=run; do
    junit sim "$case"
    run contract_table reasons sim real
    echo "$case: $status $output"
    [ "$status" -eq 1 ]
    [[ $output == *DIFFERENT* ]]
  done
  junit sim A.a=run B.b=run
  run contract_table reasons sim real
  [ "$status" -eq 1 ]
  [ "${lines[-1]}" = "1 alike, 0 on the simulator only, 1 different" ]
}

@test "what only a simulator can do needs a reason, which is shown" {
  junit sim A.a=run Trouble.x=run
  junit real A.a=run
  run contract_table reasons sim real
  [ "$status" -eq 0 ]
  [[ $output == *"sim only: answers that are cut"* ]]
}

@test "nothing compared is not alike" {
  junit sim
  junit real
  run contract_table reasons sim real
  [ "$status" -eq 1 ]
  run contract_table reasons sim none
  [ "$status" -ne 0 ]
}

@test "parameters of cases are left out" {
  junit sim 'Nova/InState.X/ACTIVE  # GetParam() = &quot;ACTIVE&quot;=run'
  junit real 'Nova/InState.X/ACTIVE  # GetParam() = &quot;ACTIVE&quot;=run'
  run contract_table reasons sim real
  [ "$status" -eq 0 ]
  [[ ${lines[1]} == "Nova/InState.X/ACTIVE  passed"* ]]
}

@test "every suite that runs on the simulator only has its reason" {
  local suites suite
  mapfile -t suites < <(sed -n 's/^TEST_F(\([A-Za-z]*\),.*/\1/p' "$ROOT"/tests/contract/simulated_*.cpp | sort -u)
  [ "${#suites[@]}" -ge 3 ]
  for suite in "${suites[@]}"; do
    echo "$suite"
    grep -q "^$suite [a-z]" "$ROOT/tests/contract/simulated.txt"
  done
}
