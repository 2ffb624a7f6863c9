# Many at once: hooks over overlapping node lists, and people who each ask for any free node.
# `load at_once` after ../lab/lib and books. The lab's ResumeTimeout and SuspendTime are far away.

# wants_written: "NODE TIMES" for each node that hooks have named. What the worker itself took up from
# slurmctld's states is not a hook's.
wants_written() {
  store "SELECT name || ' ' || (want_seq - (SELECT count(*) FROM events
           WHERE node = name AND what = 'lost intent taken up'))
         FROM nodes WHERE name LIKE 'osg-%' ORDER BY name"
}

# hooks_at_once HOOKS NODES: no intent is lost, and the last one counts.
hooks_at_once() {
  local -A times=()
  local hooks=() hook i n first last name most=$(($2 / 4 + 1))
  RANDOM=${SEED:=$$}
  echo "SEED=$SEED"
  for ((i = 0; i < $1; ++i)); do
    hook=resume
    ((RANDOM % 5 > 1)) || hook=suspend
    first=$((RANDOM % ($2 - most + 1) + 1)) last=$((first + RANDOM % most))
    for ((n = first; n <= last; ++n)); do
      printf -v name 'osg-%03d' "$n"
      times[$name]=$((${times[$name]:-0} + 1))
    done
    as_slurm tidepool-"$hook" "$(printf 'osg-[%03d-%03d]' "$first" "$last")" 3>&- &
    hooks+=("$!")
  done
  for hook in "${hooks[@]}"; do wait "$hook"; done

  diff <(for name in "${!times[@]}"; do echo "$name ${times[$name]}"; done | sort) <(wants_written)
  local present
  mapfile -t present < <(wanted_present)
  # slurmctld did not call these hooks; it must be of the same mind, or the worker would believe it.
  ((${#present[@]} == 0)) ||
    scontrol update NodeName="$(IFS=, && echo "${present[*]}")" State=POWER_UP
  wait_until 300 settled "${present[@]}"
  [ "$(wanted_present | xargs)" = "${present[*]}" ]
  [ -z "$(store "SELECT node, detail FROM events WHERE what IN ('given up', 'refused', 'duplicate server')")" ]
}

# creates_at_once N: of the pool compute, which has N nodes, without names: N nodes, N addresses.
creates_at_once() {
  local makers=() maker i folder=$BATS_TEST_TMPDIR what
  for ((i = 0; i < $1; ++i)); do
    tidepool node create --pool compute --json >"$folder/made.$i" 3>&- &
    makers+=("$!")
  done
  for maker in "${makers[@]}"; do wait "$maker"; done
  cat "$folder"/made.* >"$folder/all"
  for what in name address server; do
    [ "$(jq -r ".$what" "$folder/all" | sort -u | wc -l)" -eq "$1" ]
  done
  wait_until 120 books_agree
  run tidepool node create --pool compute
  # shellcheck disable=SC2154  # status and output are bats'
  [ "$status" -eq 1 ]
  [[ $output == *"all $1 nodes are in use"* ]]
}
