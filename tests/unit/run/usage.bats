#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# ./run's words: help everywhere, and exit code 2 for what it does not know.

setup() { RUN=$(cd "$BATS_TEST_DIRNAME/../../.." && pwd)/run; }

@test "every command of the help has its own help" {
  run "$RUN" --help
  [ "$status" -eq 0 ]
  commands=$(sed -n 's/^  \([a-z]\{3,\}\)  .*/\1/p' <<<"$output")
  [ "$(wc -w <<<"$commands")" -ge 8 ]
  for command in $commands; do
    run "$RUN" "$command" --help
    [ "$status" -eq 0 ]
    [[ ${lines[0]} == "Usage: ./run $command"* ]]
  done
}

@test "an unknown command, option, ring or preset is refused with exit code 2" {
  for line in nonsense 'build --nonsense' 'test nonsense' 'test --nonsense' 'test --preset x' \
    'build --preset x' 'lint --x' 'lab' 'lab nonsense' 'demo x' 'bench x' 'format x' 'test --filter' 'package nonsense' 'package --output' 'package --slurm 1.0' 'package rpm --slurm 24.11'; do
    # shellcheck disable=SC2086 # words
    run "$RUN" $line
    echo "$line: $status $output"
    [ "$status" -eq 2 ]
    [[ $output == run:* ]]
  done
}

@test "what this version has no tests for is refused, and said" {
  run "$RUN" test --cloud openstack
  [ "$status" -eq 2 ]
  [[ $output == *"--cloud openstack is for ring contract alone"* ]]
  run "$RUN" test contract --cloud nova
  [ "$status" -eq 2 ]
  [[ $output == *"unknown cloud 'nova'"* ]]
  run "$RUN" test --slurm 19.05
  [ "$status" -eq 2 ]
  [[ $output == *"no Debian release"*"Slurm '19.05'"* ]]
}

@test "the list of packages is Build-Depends, whole and clean" {
  ROOT=$(dirname "$RUN")
  source "$ROOT/scripts/common.sh"
  source "$ROOT/scripts/packages.sh"
  local names
  names=$(package_names)
  grep -qx g++ <<<"$names"
  grep -qx slurmctld <<<"$names"
  [ "$(tail -n 1 <<<"$names")" = util-linux ]
  run ! grep -vE '^[a-z0-9][a-z0-9.+-]+$' <<<"$names"
  [ -z "$(missing_packages)" ]
}
