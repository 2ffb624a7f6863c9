#!/usr/bin/env bats
# By name only: six minutes, and a machine that is not busy: it compares times.
# Time limit: 1200 s
# What tidepool simulate says of a small trace, and what real slurmctld, the worker and lab machines make of
# it: the same jobs step aside, nothing is lost, the jobs end in the same order and at about the same time.

bats_require_minimum_version 1.5.0

load ../lab/lib
load books
load troubles
load holds
load reclaim

# name, partition, submitted at, needs, nodes. Ends are fifteen seconds apart, so that the order is no luck.
#   N1 takes the room of p6, who has the least at stake, and who returns when p5 has ended. N2 finds room. N3
#   takes p4's: p6 has been aside once (max_holds). N4 gets the node that p6 has left idle. p4 comes back
#   when N2 has ended.
TRACE='p1 osg 0 280 1
p2 osg 3 250 1
p3 osg 6 190 1
p4 osg 9 150 1
p5 osg 12 40 1
p6 osg 15 75 1
N1 compute 30 30 1
N2 compute 125 30 1
N3 compute 132 40 1
N4 compute 150 85 1'
readonly TRACE SUSPEND_TIME=20

setup_file() {
  reclaim_lab_up 6 '{opportunistic: [{name: osg, partitions: [osg], min_run: 0s, max_holds: 1}], settle: 1s, poll: 2s}' \
    --compute-nodes 3 --suspend-time "$SUSPEND_TIME"
}
teardown_file() { lab_down; }

now_ms() { date +%s%3N; }
# takes FILE COMMAND...: how many ms, into FILE.
takes() {
  local began
  began=$(now_ms)
  "${@:2}"
  echo $(($(now_ms) - began)) >"$1"
}

# run_trace: submits all of it at its times, and waits for the end.
run_trace() {
  local name partition submit run nodes began ended=$LAB_DIR/jobs/ended work
  work=$(dirname "$BATS_TEST_FILENAME")/jobs/work
  began=$(now_ms)
  echo "$began" >"$LAB_DIR/began"
  while read -r name partition submit run nodes; do
    while (($(now_ms) < began + submit * 1000)); do sleep 0.1; done
    if [[ $partition == osg ]]; then
      submit -p osg -N 1 --wrap "exec $work $run $name $ended" >"$LAB_DIR/jobs/$name.id"
    else
      # srun starts as soon as the nodes are there.
      srun -p compute -N "$nodes" --job-name "$name" "$work" "$run" "$name" "$ended" \
        >"$LAB_DIR/jobs/$name.out" 2>&1 </dev/null 3>&- &
    fi
  done <<<"$TRACE"
  wait_until 500 all_ended
}
all_ended() { [[ $(wc -l <"$LAB_DIR/jobs/ended") == 10 ]]; }

@test "how long this lab takes to boot, to hold and to return" {
  takes "$LAB_DIR/boot" warm osg-001 1
  local job
  job=$(submit -p osg -N 1 -w osg-001 --wrap 'sleep 600')
  wait_until 60 job_is "$job" RUNNING
  sleep 2
  takes "$LAB_DIR/hold" tidepool hold --job "$job" --wait
  takes "$LAB_DIR/return" tidepool release --job "$job" --wait
  scancel "$job"
  echo "# boot $(cat "$LAB_DIR/boot") ms, hold $(cat "$LAB_DIR/hold") ms, return $(cat "$LAB_DIR/return") ms" >&3
  wait_until 100 no_holds
}

@test "the trace in the lab: two pilots step aside, and all jobs end" {
  store 'SELECT COALESCE(MAX(id), 0) FROM holds' >"$LAB_DIR/before"
  warm 'osg-[001-006]' 6
  run_trace
  [ "$(store "SELECT COUNT(*) FROM holds WHERE id > $(cat "$LAB_DIR/before")")" -eq 2 ]
  [ "$(scontrol -o show job | grep -c 'Restarts=[1-9]')" = 0 ]
  used_at_most 6
}

@test "simulate says the same" {
  local boot
  boot=$(cat "$LAB_DIR/boot")
  {
    echo 'JobID|Submit|ElapsedRaw|NCPUS|NNodes|Partition'
    # The nodes are warm when the first pilot comes.
    for i in 1 2 3 4 5 6; do echo "10$i|0|1|1|1|osg"; done
    awk -v warm="$((boot / 1000 + 3))" '{ print NR "|" $3 + warm "|" $4 "|" $5 "|" $5 "|" $2 }' <<<"$TRACE"
  } >"$LAB_DIR/trace"
  tidepool simulate "$LAB_DIR/trace" --compare hold --cores-per-node 1 --cores 6 --instances 99 --ram 1T --boot-time "${boot}ms" \
    --hold-time "$(cat "$LAB_DIR/hold")ms" --return-time "$(cat "$LAB_DIR/return")ms" \
    --idle-time "${SUSPEND_TIME}s" --events "$LAB_DIR/events" --json >"$LAB_DIR/figures"
  jq . "$LAB_DIR/figures"
  # Job N of the trace by its name; seconds from the first pilot's submission.
  local first
  first=$(($(date -d '1970-01-01T00:00:00Z' +%s) + boot / 1000 + 3))
  awk -F '\t' '$3 == "ended" && $4 < 100 { print $2, $4 }' "$LAB_DIR/events" | while read -r time id; do
    echo "$(($(date -d "$time" +%s) - first)) $(sed -n "${id}s/ .*//p" <<<"$TRACE")"
  done >"$LAB_DIR/simulated"
  awk -v began="$(cat "$LAB_DIR/began")" '{ printf "%d %s\n", $1 - began / 1000, $2 }' "$LAB_DIR/jobs/ended" >"$LAB_DIR/real"
  paste "$LAB_DIR/real" "$LAB_DIR/simulated" | sed 's/^/# lab, simulated: /' >&3
  [ "$(jq -r '.ways[0] | "\(.holds) \(.returns) \(.requeues) \(.most_holds)"' "$LAB_DIR/figures")" = "2 2 0 1" ]
  # In the same order…
  diff <(cut -d' ' -f2 "$LAB_DIR/real") <(cut -d' ' -f2 "$LAB_DIR/simulated")
  # … each at the same time, to a twentieth of it and 10 s: slurmctld looks for idle nodes and for work every
  # few seconds.
  paste -d' ' "$LAB_DIR/real" "$LAB_DIR/simulated" |
    awk '{ d = $1 - $3; if (d < 0) d = -d; if (d > 10 + $1 / 20) { print "too far apart:", $0; bad = 1 } } END { exit bad }'
  # The same who stepped aside.
  diff <(awk -F '\t' '$3 == "held" { print $4 }' "$LAB_DIR/events" | while read -r id; do sed -n "${id}s/ .*//p" <<<"$TRACE"; done | sort) \
    <(stepped_aside | sort)
}
# stepped_aside: the names of the pilots that did, in the lab.
stepped_aside() {
  local job name
  store "SELECT job FROM hold_jobs WHERE hold > $(cat "$LAB_DIR/before")" | while read -r job; do
    for name in p1 p2 p3 p4 p5 p6; do
      [[ $(cat "$LAB_DIR/jobs/$name.id") != "$job" ]] || echo "$name"
    done
  done
}
