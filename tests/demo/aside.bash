# shellcheck shell=bash
# The chapter about a running job whose server leaves the hypervisor, and that goes on afterwards.

# shown COMMAND…: as a person would type it; it runs while the story goes on.
shown() {
  printf '  %s$ %s%s\n' "$BOLD" "$*" "$PLAIN"
  "$@" >"$LAB_DIR/shown.out" 2>&1 || { cat "$LAB_DIR/shown.out"; exit 1; }
}

step_aside() {
  local job
  chapter "A running job steps aside, and comes back"
  # shellcheck disable=SC2016 # the job's shell expands it
  run_shown submit --job-name=count --partition=osg \
    --wrap 'for i in $(seq 40); do echo "process $$ counts $i"; sleep 0.5; done'
  job=$(squeue -h -n count -o %A)
  watch_until "$LIMIT" job_counts "$job"
  shown tidepool hold --job "$job" --wait
  watch_until 20 server_is_away
  line "The job is suspended, its server off the hypervisor, its memory kept. slurmctld waits 10 s for"
  line "a node that does not answer; a stand-in answers for this one:"
  tidepool status --events 0 | sed -n '/^HOLD/,$p' | sed 's/^/    /'
  # Longer than SlurmdTimeout: that is the point.
  watch_until 60 time_is_over $((SECONDS + 15))
  shown tidepool release --job "$job" --wait
  watch_until "$LIMIT" jobs_are_done
  line "The same process counted on, and Slurm saw no second start:"
  tail -n 1 "$LAB_DIR/jobs/count-$job-"*.out | sed 's/^/    /'
  line "  $(scontrol show job "$job" | tr -s ' ' '\n' | grep -E '^(JobState|Restarts)=' | xargs)"
}

job_counts() { grep -q 'counts 5' "$LAB_DIR/jobs/count-$1-"*.out 2>/dev/null; }
server_is_away() { curl -fsS "$CONTROL/_sim/servers" | jq -e 'any(.servers[]; .status == "SUSPENDED")' >/dev/null; }
time_is_over() { ((SECONDS >= $1)); }
