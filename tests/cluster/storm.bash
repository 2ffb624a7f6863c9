# Killing the worker and hooks at random moments while nodes come and go, and what must be true
# afterwards. `load storm` after ../lab/lib and books. NODES: how many nodes osg-… take part; the lab has
# as many, --node-addr stale, and a ResumeTimeout and SuspendTime that are far away.

# start_seed: SEED=N in the environment repeats the moments of an earlier run.
start_seed() {
  RANDOM=${SEED:=$$}
  echo "SEED=$SEED"
}

# kill_program PID PROGRAM: by its process id, and only if it is that program.
kill_program() {
  [[ -n $1 && /proc/$1/exe -ef $LAB_DIR/bin/programs/$2 ]] && kill -KILL "$1" 2>/dev/null
}

kill_worker() {
  local pid=
  read -r pid 2>/dev/null <"$LAB_DIR/state/tidepool/worker.lock" || true
  kill_program "$pid" tidepool
}

pause_ms() { sleep "$(printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)))"; }

osg() { printf 'osg-[%03d-%03d]' "$1" "$2"; }

# minds_change TIMES: half of the nodes are asked for, given back while their servers build, and asked for
# again at once. A server that was deleted while it was built may look alive once more; it must not be
# taken for one, nor its end for somebody else's deed.
minds_change() {
  local turn before many=$((NODES / 2)) nodes names
  nodes=$(osg 1 "$many")
  mapfile -t names < <(seq -f 'osg-%03g' "$many")
  all_away
  # slurmctld is of the same mind as the last hook, or the worker would believe it in the end.
  before=$(log_length)
  scontrol update NodeName="$nodes" State=POWER_UP
  wait_until 120 wanted_are "${names[@]}"
  for ((turn = 0; turn < $1; ++turn)); do
    wait_until 200 said_since "$before" "server created" "$many"
    before=$(log_length)
    as_slurm tidepool-suspend "$nodes"
    wait_until 200 said_since "$before" "server deleted" "$many"
    before=$(log_length)
    as_slurm tidepool-resume "$nodes"
  done
  wait_until 300 settled "${names[@]}"
  none_called_bad
  all_away
}

# all_away: slurmctld wants no node any more, and there is none.
all_away() {
  local present
  mapfile -t present < <(wanted_present)
  ((${#present[@]} == 0)) ||
    scontrol update NodeName="$(IFS=, && echo "${present[*]}")" State=POWER_DOWN_FORCE
  wait_until 120 wanted_are
  wait_until 300 settled
  wait_until 120 all_powered_down
}
all_powered_down() { [[ $(sinfo -h -N -o %T | sort -u) == idle~ ]]; }

# storm KILLS LONGEST: hooks one after the other; each time either it or the worker that it left behind
# dies, the worker within LONGEST milliseconds. Every sixth is for all nodes, up and away in turns; those
# between are for some.
storm() {
  local killed=0 turn=0 hook nodes pid first part=$((NODES / 4))
  local slurm_user=(setpriv --reuid slurm --regid slurm --init-groups)
  while ((killed < $1)); do
    hook=resume
    if ((turn % 6 == 0)); then
      nodes=$(osg 1 "$NODES")
      ((turn % 12 == 0)) || hook=suspend
    else
      first=$((RANDOM % (NODES - part + 1) + 1))
      nodes=$(osg "$first" $((first + RANDOM % part)))
      ((RANDOM % 2)) || hook=suspend
    fi
    turn=$((turn + 1))
    "${slurm_user[@]}" "$LAB_DIR/bin/programs/tidepool-$hook" "$nodes" 3>&- 2>>"$LAB_DIR/log/storm" &
    pid=$!
    if ((RANDOM % 4 == 0)); then
      pause_ms $((RANDOM % 40))
      ! kill_program "$pid" "tidepool-$hook" || killed=$((killed + 1))
      wait "$pid" || true
    else
      # One that is left alone has written its intent down, whoever was killed around it.
      wait "$pid"
      pause_ms $((RANDOM % $2))
      ! kill_worker || killed=$((killed + 1))
    fi
  done
  echo "$killed killed in $turn turns"
}

wanted_are() { [[ $(wanted_present | xargs) == "$*" ]]; }

# addresses_told NODE...: slurm.conf has addresses where nobody is; has slurmctld been told the right ones?
addresses_told() {
  [[ $(scontrol -o show node "$(IFS=, && echo "$*")" | sed -nE 's/.*NodeName=([^ ]+) .*NodeAddr=([^ ]+) .*/\1 \2/p') == \
    "$(tidepool pool list --json | jq -r '.[] | select(.status != "free") | "\(.name) \(.address)"')" ]]
}

# peace: nobody is killed any more; slurmctld asks for half of the nodes, then for none.
peace() {
  local half
  mapfile -t half < <(seq -f 'osg-%03g' $((NODES / 2)))
  as_slurm tidepool-suspend "$(osg 1 "$NODES")"
  scontrol update NodeName="$(osg 1 $((NODES / 2)))" State=POWER_UP
  wait_until 120 wanted_are "${half[@]}"
  wait_until 300 settled "${half[@]}"
  wait_until 60 addresses_told "${half[@]}"
  wanted_are "${half[@]}"
  all_away
  as_slurm timeout 120 tidepool work
  tidepool pool list --json | jq -e 'all(.status == "free")'
  [ "$(store 'PRAGMA quick_check')" = ok ]
  none_called_bad
}
