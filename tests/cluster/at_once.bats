#!/usr/bin/env bats
# Fifty at once: hooks over overlapping node lists, and people who each ask for any free node.

load ../lab/lib
load books

setup_file() {
  lab_up --nodes 60 --compute-nodes 50 --quota-instances 200 --latency 20ms --boot-time 300ms \
    --resume-timeout 3000 --suspend-time 3000
  cloud_runs_nothing
}
teardown_file() { lab_down; }

# wants_written: "NODE TIMES" for each node that hooks have named. What the worker itself took up from
# slurmctld's states is not a hook's.
wants_written() {
  store "SELECT name || ' ' || (want_seq - (SELECT count(*) FROM events
           WHERE node = name AND what = 'lost intent taken up'))
         FROM nodes WHERE name LIKE 'osg-%' ORDER BY name"
}

@test "fifty hooks at once over overlapping lists: no intent is lost, and the last one counts" {
  RANDOM=${SEED:=$$}
  echo "SEED=$SEED"
  local -A times=()
  local hooks=() hook i n first last name
  for ((i = 0; i < 50; ++i)); do
    hook=resume
    ((RANDOM % 5 > 1)) || hook=suspend
    first=$((RANDOM % 45 + 1)) last=$((first + RANDOM % 16))
    for ((n = first; n <= last; ++n)); do
      printf -v name 'osg-%03d' "$n"
      times[$name]=$((${times[$name]:-0} + 1))
    done
    as_slurm tidepool-"$hook" "$(printf 'osg-[%03d-%03d]' "$first" "$last")" 3>&- &
    hooks+=("$!")
  done
  for hook in "${hooks[@]}"; do wait "$hook"; done

  diff <(for name in "${!times[@]}"; do echo "$name ${times[$name]}"; done | sort) <(wants_written)
  mapfile -t present < <(wanted_present)
  # slurmctld did not call these hooks; it must be of the same mind, or the worker would believe it.
  ((${#present[@]} == 0)) ||
    scontrol update NodeName="$(IFS=, && echo "${present[*]}")" State=POWER_UP
  wait_until 300 settled "${present[@]}"
  [ "$(wanted_present | xargs)" = "${present[*]}" ]
  [ -z "$(store "SELECT node, detail FROM events WHERE what IN ('given up', 'refused', 'duplicate server')")" ]
}

@test "node create without a name, fifty times at once: fifty nodes, fifty addresses" {
  local makers=() maker i
  for ((i = 0; i < 50; ++i)); do
    tidepool node create --pool compute --json >"$BATS_TEST_TMPDIR/made.$i" 3>&- &
    makers+=("$!")
  done
  for maker in "${makers[@]}"; do wait "$maker"; done
  cat "$BATS_TEST_TMPDIR"/made.* >"$BATS_TEST_TMPDIR/all"
  [ "$(jq -r .name "$BATS_TEST_TMPDIR/all" | sort -u | wc -l)" -eq 50 ]
  [ "$(jq -r .address "$BATS_TEST_TMPDIR/all" | sort -u | wc -l)" -eq 50 ]
  [ "$(jq -r .server "$BATS_TEST_TMPDIR/all" | sort -u | wc -l)" -eq 50 ]
  wait_until 120 books_agree
  run tidepool node create --pool compute
  [ "$status" -eq 1 ]
  [[ $output == *"all 50 nodes are in use"* ]]
}
