#!/usr/bin/env bats
# Forty jobs step aside at once for longer than SlurmdTimeout, while other jobs come and go on other
# nodes; and a node that dies meanwhile is found dead as ever.

bats_require_minimum_version 1.5.0

load ../lab/lib
load cloud
load troubles
load holds

readonly SLURMD_TIMEOUT=30 FORTY='osg-[001-040]'

setup_file() {
  holds_lab_up 42 '{mode: [suspend]}' --slurmd-timeout "$SLURMD_TIMEOUT"
  warm 'osg-[001-042]' 42
}
teardown_file() { lab_down; }

nodes() { scontrol show hostnames "$FORTY"; }
suspended() { [[ $(squeue -h -t SUSPENDED -o %A | wc -l) == 40 ]]; }
running() { [[ $(squeue -h -t RUNNING -w "$FORTY" -o %A | wc -l) == 40 ]]; }
all_held() { [[ $(tidepool pool list osg --json | jq '[.[] | select(.status == "held")] | length') == 40 ]]; }
# All forty as slurmctld has them: one question, not forty.
drained() { [[ $(scontrol -o show node "$FORTY" | grep -cE " NodeAddr=$(node_field keeper NodeAddr) .* State=[A-Z+]*DRAIN[A-Z+]* ") == 40 ]]; }
none_down() { ! scontrol -o show node "$FORTY" | grep -E ' State=DOWN'; }

@test "forty are held at once, others come and go, one that dies is found; all forty go on" {
  local node files began victim
  for node in $(nodes); do remember_on "$node"; done >"$LAB_DIR/forty"
  wait_until 200 running
  mapfile -t jobs <"$LAB_DIR/forty"
  begun "${jobs[@]}"
  mapfile -t files < <(printf "$LAB_DIR/jobs/%s.memory\n" "${jobs[@]}")
  note "${files[@]}"

  sim_api POST counts/reset '{}'
  began=$SECONDS
  tidepool hold "$FORTY" --wait --timeout 200
  echo "held after $((SECONDS - began)) s"
  began=$SECONDS
  suspended
  all_held
  drained
  # One suspend for each server, and the state of all of them by lists.
  [ "$(sim_api GET counts | jq '.actions.suspend')" = 40 ]
  [ "$(sim_api GET counts | jq '[.routes | to_entries[] | select(.key | test("^GET .*/servers/\\{")) | .value] | add // 0')" = 0 ]

  # A machine that dies, which its cloud does not notice.
  victim=$(server_of osg-042)
  "$LAB_DIR/bin/vm" freeze "$victim"
  until ((SECONDS - began > SLURMD_TIMEOUT + 5)); do
    [ "$(srun -p osg -w osg-041 hostname)" = osg-041 ]
    [ "$(srun -p compute hostname)" = compute-01 ]
    sleep 2
  done
  wait_until $((4 * SLURMD_TIMEOUT)) called_dead osg-042
  suspended
  drained
  none_down

  began=$SECONDS
  tidepool release "$FORTY" --wait --timeout 200
  echo "released after $((SECONDS - began)) s"
  finish_all "${jobs[@]}"
  wait_until 200 all_completed
  for file in "${files[@]}"; do
    same_memory "$file"
    [[ $(cat "$file") == *' ended' ]]
  done
  [ "$(scontrol -o show job | grep -c 'Restarts=[1-9]')" = 0 ]
  run ! grep -E 'osg-0([0-3][0-9]|40).*(not responding, setting DOWN|unexpectedly rebooted)' "$LAB_DIR/log/slurmctld.log"
}
called_dead() { grep -qE "$1.*not responding, setting DOWN|Nodes? .*$1.* not responding, setting DOWN" "$LAB_DIR/log/slurmctld.log"; }
all_completed() { [[ $(squeue -h -t COMPLETED -n wrap -o %A | wc -l) == 40 ]]; }
