# shellcheck shell=bash
# The chapter in which a job takes the room of others that may step aside.

readonly CORES=3 # of the quota: as many as there are pilots

# probe_cloud: what this cloud gives back in which mode; done first, for it wants the project to itself.
probe_cloud() {
  local times
  curl -fsS -X PUT -d '{"count_from_placement": true}' "$CONTROL/_sim/settings" >/dev/null
  times=$(curl -fsS "$CONTROL/_sim/times")
  curl -fsS -X PUT -d "$(jq 'map_values("50ms")' <<<"$times")" "$CONTROL/_sim/times" >/dev/null
  setpriv --reuid slurm --regid slurm --init-groups tidepool probe --pool osg --guest-wait 0 >"$LAB_DIR/probe.out" 2>&1 ||
    { cat "$LAB_DIR/probe.out"; exit 1; }
  curl -fsS -X PUT -d "$times" "$CONTROL/_sim/times" >/dev/null
}

make_room() {
  local i
  chapter "Pilots fill the cloud, and make room for a job that matters more"
  line "The quota is $CORES cores now. Pilots have them all; partition osg is opportunistic:"
  curl -fsS -X PUT -d "{\"cores\": $CORES, \"instances\": -1}" "$CONTROL/_sim/quotas/demo" >/dev/null
  for ((i = 1; i <= CORES; i++)); do
    # srun starts as soon as its node is up; a batch job there would wait for slurmctld's half minute.
    # shellcheck disable=SC2016 # for the job's shell
    srun --job-name=pilot --partition=osg bash -c 'for i in $(seq 1000); do echo "process $$ counts $i"; sleep 0.5; [[ ! -e '"$LAB_DIR"'/jobs/enough ]] || exit 0; done' \
      >"$LAB_DIR/jobs/pilot-$i.out" 2>&1 &
  done
  watch_until "$LIMIT" pilots_count
  printf '  %s$ srun --partition=compute --nodes=2 hostname%s\n' "$BOLD" "$PLAIN"
  srun --job-name=important --partition=compute --nodes=2 hostname >"$LAB_DIR/jobs/important.out" 2>&1 &
  watch_until "$LIMIT" two_hosts
  line "It ran, in the room of two pilots that hibernate on their own disks:"
  sort "$LAB_DIR/jobs/important.out" | sed 's/^/    /'
  tidepool status --events 0 | sed -n '/^HOLD/,$p' | sed 's/^/    /'
  line "Its nodes go, and the pilots come back by themselves:"
  scontrol update NodeName='compute-[01-02]' State=POWER_DOWN
  watch_until "$LIMIT" pilots_go_on
  touch "$LAB_DIR/jobs/enough"
  wait
  line "The same processes went on; Slurm saw $(scontrol -o show job | grep 'JobName=pilot' | grep -c 'Restarts=0') of $CORES pilots start once:"
  tail -qn 1 "$LAB_DIR"/jobs/pilot-*.out | sed 's/^/    /'
}

pilots_count() { [[ $(grep -l 'counts 2' "$LAB_DIR"/jobs/pilot-*.out 2>/dev/null | wc -l) == "$CORES" ]]; }
two_hosts() { [[ $(grep -c '^compute-' "$LAB_DIR/jobs/important.out") == 2 ]]; }
pilots_go_on() { [[ $(squeue -h -n pilot -t RUNNING -o %i | wc -l) == "$CORES" ]]; }
