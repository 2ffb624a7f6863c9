# shellcheck shell=bash
# Running ctest and bats under a time limit, each file's output in a log.

readonly FILE_LIMIT=900 # seconds for one bats file; "# Time limit: N s" in its first ten lines says otherwise
readonly TEST_LIMIT=300 # seconds for one ctest test
readonly RING_LIMIT=1800 # seconds for all of a ring's ctest tests

# limited SECONDS LOG COMMAND…: ends the command with its whole process group when the time is over,
# or when we are ended. timeout(1) makes the group; SIGINT, which the shell ignores for background
# commands, is given back so that tests can send it.
limited() {
  local limit=$1 log=$2 pid code=0
  shift 2
  env --default-signal=INT,QUIT timeout --kill-after=30 "$limit" "$@" >"$log" 2>&1 </dev/null &
  pid=$!
  # shellcheck disable=SC2064 # this pid, now
  trap "kill -TERM $pid 2>/dev/null; wait $pid; exit 130" INT TERM
  wait "$pid" || code=$?
  trap - INT TERM
  if ((code == 124 || code == 137)); then
    echo "# ended after $limit seconds" >>"$log"
  fi
  return "$code"
}

# run_ctest RING DIR FILTER
run_ctest() {
  local jobs=1
  [[ $1 != unit ]] || jobs=$(nproc)
  ctest_part "$1" GoogleTest "$2" "$LOGS/$1.ctest.xml" "$jobs" -L "^$1\$" -R "${3:-.}"
}

# ctest_part RING WHAT DIR JUNIT JOBS CTEST-OPTION…
ctest_part() {
  local ring=$1 what=$2 dir=$3 junit=$4 jobs=$5 code=0 start=$SECONDS counts=()
  local log=${junit%.xml}.log
  shift 5
  TIDEPOOL_BIN=$dir/bin limited "$RING_LIMIT" "$log" ctest --test-dir "$dir" "$@" \
    -j "$jobs" --timeout "$TEST_LIMIT" --output-on-failure --no-tests=ignore \
    --output-junit "$junit" || code=$?
  read -r -a counts < <(count_ctest "$junit" "$code")
  report "$ring" "$what" "$((SECONDS - start))" "$code" "${counts[@]}"
  if ((code != 0)); then show_ctest_failures "$log"; fi
  collect_skips "$ring, $what" < <(sed -n 's/^ *[0-9]*\/[0-9]* Test *#[0-9]*: *\([^ ]*\).*\*\*\*Skipped.*/\1/p' "$log")
}

# Everything but the lines of tests that passed.
show_ctest_failures() {
  grep -vE '^ *(Start +[0-9]+:|[0-9]+/[0-9]+ Test +#[0-9]+: .* Passed )' "$1" | tail -n 200 | sed 's/^/    /'
}

# run_bats_files RING DIR FILTER JOBS <FILES: so many files side by side. One that says
# "# Alone: why" in its first ten lines runs after the others, by itself. What is said is in the files'
# order.
run_bats_files() {
  local ring=$1 dir=$2 filter=$3 jobs=$4 files=() together=() alone=() file
  mapfile -t files
  for file in ${files[@]+"${files[@]}"}; do
    if bats_line "$file" Alone >/dev/null; then alone+=("$file"); else together+=("$file"); fi
  done
  run_side_by_side "$jobs" ${together[@]+"${together[@]}"}
  run_side_by_side 1 ${alone[@]+"${alone[@]}"}
}

# bats_line FILE WORD: what its line "# WORD: …" says; fails when it has none.
bats_line() { head -n 10 "$ROOT/$1" | sed -n "s/^# $2: *//p" | grep .; }

# run_side_by_side JOBS FILE…: with run_bats_files' ring, dir, filter.
run_side_by_side() {
  local jobs=$1 next=0 shown=0 running=0 pids=() ended=()
  shift
  local all=("$@")
  # INT is ignored by background shells: they are told TERM.
  trap 'kill -TERM ${pids[@]+"${pids[@]}"} 2>/dev/null; wait; exit 130' INT TERM
  while ((next < ${#all[@]} || running > 0)); do
    while ((running < jobs && next < ${#all[@]})); do
      exec_bats "$dir" "${all[next]}" "$filter" &
      pids[next]=$!
      next=$((next + 1)) running=$((running + 1))
    done
    # Not wait -n: in bash 5.2 it does not know of those that ended before it was called.
    for file in "${!pids[@]}"; do
      kill -0 "${pids[file]}" 2>/dev/null && continue
      wait "${pids[file]}" || true
      ended[file]=yes running=$((running - 1))
      unset "pids[$file]"
    done
    while [[ -n ${ended[shown]-} ]]; do
      count_bats "$ring" "${all[shown]}" "$filter"
      shown=$((shown + 1))
    done
    ((running < jobs && next < ${#all[@]})) || sleep 0.2
  done
  trap - INT TERM
}

bats_log() {
  local name=${1#tests/}
  echo "$LOGS/${name//\//.}.log"
}

# exec_bats DIR FILE FILTER: leaves a log, and beside it "EXIT-CODE SECONDS".
exec_bats() {
  local dir=$1 file=$2 filter=$3 code=0 start=$SECONDS limit log
  log=$(bats_log "$file")
  limit=$(bats_line "$file" 'Time limit' | sed -n 's/^\([0-9]\{1,5\}\) s.*/\1/p') || true
  TIDEPOOL_BIN=$dir/bin limited "${limit:-$FILE_LIMIT}" "$log" \
    bats --formatter tap ${filter:+--filter "$filter"} "$ROOT/$file" || code=$?
  echo "$code $((SECONDS - start))" >"$log.end"
}

# count_bats RING FILE FILTER: of a file that has run.
count_bats() {
  local ring=$1 name=${2#tests/} filter=$3 code=1 seconds=0 counts=() log
  log=$(bats_log "$2")
  # Without an end it was killed.
  read -r code seconds 2>/dev/null <"$log.end" || code=137
  rm -f "$log.end"
  [[ -e $log ]] || : >"$log"
  if [[ $filter ]] && grep -qx '1\.\.0' "$log"; then return; fi
  read -r -a counts < <(count_tap "$log" "$code")
  report "$ring" "$name" "$seconds" "$code" "${counts[@]}"
  if ((counts[1] > 0)); then tail -n 200 "$log" | sed 's/^/    /'; fi
  collect_skips "$name" < <(sed -n 's/^ok [0-9]* \(.*\) # skip *\(.*\)/\1: \2/p' "$log")
}

# run_bats RING DIR FILE FILTER
run_bats() {
  exec_bats "$2" "$3" "$4"
  count_bats "$1" "$3" "$4"
}

# collect_skips WHERE <LINES
collect_skips() {
  local line
  while IFS= read -r line; do SKIP_REASONS+=("$1: $line"); done
}

# report RING NAME SECONDS EXIT-CODE PASSED FAILED SKIPPED
report() {
  local word=ok note=''
  if (($6 > 0)); then word=FAILED; fi
  if (($4 == 124 || $4 == 137)); then note=', ended: too long'; fi
  if (($7 > 0)); then note+=", $7 skipped"; fi
  printf '  %-6s %-40s %4d passed, %d failed%s, %d s\n' "$word" "$2" "$5" "$6" "$note" "$3"
  add "$1" "$5" "$6" "$7" "$3"
}
