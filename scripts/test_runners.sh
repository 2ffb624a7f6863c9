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

run_ctest() {
  local ring=$1 dir=$2 filter=$3 code=0 start=$SECONDS jobs=1 counts=()
  local log=$LOGS/$ring.ctest.log junit=$LOGS/$ring.ctest.xml
  [[ $ring != unit ]] || jobs=$(nproc)
  TIDEPOOL_BIN=$dir/bin limited "$RING_LIMIT" "$log" ctest --test-dir "$dir" -L "^$ring\$" \
    -R "${filter:-.}" -j "$jobs" --timeout "$TEST_LIMIT" --output-on-failure --no-tests=ignore \
    --output-junit "$junit" || code=$?
  read -r -a counts < <(count_ctest "$junit" "$code")
  report "$ring" "GoogleTest" "$((SECONDS - start))" "$code" "${counts[@]}"
  if ((code != 0)); then show_ctest_failures "$log"; fi
  collect_skips "$ring" < <(sed -n 's/^ *[0-9]*\/[0-9]* Test *#[0-9]*: *\([^ ]*\).*\*\*\*Skipped.*/\1/p' "$log")
}

# Everything but the lines of tests that passed.
show_ctest_failures() {
  grep -vE '^ *(Start +[0-9]+:|[0-9]+/[0-9]+ Test +#[0-9]+: .* Passed )' "$1" | tail -n 200 | sed 's/^/    /'
}

run_bats() {
  local ring=$1 dir=$2 file=$3 filter=$4 code=0 start=$SECONDS limit counts=() name
  name=${file#tests/}
  local log=$LOGS/${name//\//.}.log
  limit=$(head -n 10 "$ROOT/$file" | sed -n 's/^# Time limit: \([0-9]\{1,5\}\) s.*/\1/p')
  TIDEPOOL_BIN=$dir/bin limited "${limit:-$FILE_LIMIT}" "$log" \
    bats --formatter tap ${filter:+--filter "$filter"} "$ROOT/$file" || code=$?
  if [[ $filter ]] && grep -qx '1\.\.0' "$log"; then return; fi
  read -r -a counts < <(count_tap "$log" "$code")
  report "$ring" "$name" "$((SECONDS - start))" "$code" "${counts[@]}"
  if ((counts[1] > 0)); then tail -n 200 "$log" | sed 's/^/    /'; fi
  collect_skips "$name" < <(sed -n 's/^ok [0-9]* \(.*\) # skip *\(.*\)/\1: \2/p' "$log")
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
