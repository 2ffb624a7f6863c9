# For bats files in which pilots are asked to step aside again and again, at random moments and for random
# amounts, while workers are killed. `load churn`, after reclaim and books. SEED=N repeats a run.

# churn SECONDS LARGEST PAUSE: a request for 1 to LARGEST cores each 1 to PAUSE seconds; every fifth time the
# worker is killed instead. What was asked for is in LAB_DIR/asked, a number a line.
churn() {
  local end=$((SECONDS + $1)) cores turn=0
  RANDOM=${SEED:=$$}
  echo "SEED=$SEED"
  : >"$LAB_DIR/asked"
  while ((SECONDS < end)); do
    turn=$((turn + 1))
    if ((turn % 5 == 0)); then
      kill_worker || true
    else
      cores=$((RANDOM % $2 + 1))
      tidepool reclaim --cores "$cores" --deadline 100s --keep "$((RANDOM % 4))s" >>"$LAB_DIR/churn.out" 2>&1
      echo "$cores" >>"$LAB_DIR/asked"
    fi
    sleep $((RANDOM % $3 + 1))
  done
  # What a hook or a command has started does not come back by itself, as tidepool.service does.
  begin tidepool work
}
asked() { awk '{ sum += $1 } END { print sum + 0 }' "$LAB_DIR/asked"; }
times_asked() { wc -l <"$LAB_DIR/asked"; }

# holds_of_jobs: of how many holds each job was part, those that came to nothing included.
holds_of_jobs() { store "SELECT job, COUNT(*) FROM hold_jobs GROUP BY job ORDER BY 2 DESC"; }
# no_flapping: nobody stepped aside but for room that somebody asked for, and nobody more often than it was
# asked for.
no_flapping() {
  local all most_of_one
  all=$(store "SELECT COUNT(*) FROM holds")
  most_of_one=$(store "SELECT MAX(n) FROM (SELECT COUNT(*) AS n FROM hold_jobs GROUP BY job)")
  echo "# $(times_asked) requests for $(asked) cores, $all holds, at most ${most_of_one:-0} of one job"
  ((all > 0 && all <= $(asked) && most_of_one <= $(times_asked)))
}

# fair: nobody came back before another who had been away for longer. Rounds of the worker are a moment.
fair() {
  local unfair
  unfair=$(store "SELECT a.id, b.id FROM holds a JOIN holds b
      ON a.held_since < b.held_since AND a.want_since > b.want_since + 1000
    WHERE a.want_by = 'return' AND b.want_by = 'return' AND a.held_since > 0 AND b.held_since > 0")
  [[ -z $unfair ]] || { echo "holds that others overtook:" "$unfair"; return 1; }
}

none_restarted() { [[ $(scontrol -o show job | grep -c 'Restarts=[1-9]') == 0 ]]; }
none_called_dead() { ! grep -E 'osg-.*(not responding, setting DOWN|unexpectedly rebooted)' "$LAB_DIR/log/slurmctld.log"; }
