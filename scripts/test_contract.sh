# shellcheck shell=bash
# Ring contract: one suite asked of the simulator and of real services, and a table of both answers.

# run_contract DIR FILTER: CLOUD_SIDES is "simulator", "real" or both.
run_contract() {
  local dir=$1 filter=$2 sim=$LOGS/contract.simulator.xml real=()
  if [[ $CLOUD_SIDES == *simulator* ]]; then
    ctest_part contract "simulator" "$dir" "$sim" "$(nproc)" -L '^contract(-simulated)?$' -R "${filter:-.}"
    run_bats_files contract "$dir" "$filter" "$(nproc)" < <(bats_files contract)
  fi
  if [[ $CLOUD_SIDES == *real* ]] && cloud_ready contract "the contract suite"; then
    real=("$LOGS/contract.real.xml" "$LOGS/contract.real-alone.xml")
    contract_real "$dir" "${real[0]}" "${#CLOUD_PROJECTS[@]}" -R "${filter:-.}" -E '^contract\.Alone'
    # Tests that stop services and change settings have the cloud for themselves.
    contract_real "$dir" "${real[1]}" 1 -R "^contract\.Alone.*${filter:-.}"
  fi
  [[ $CLOUD_SIDES == *simulator* && ${#real[@]} -gt 0 ]] || return 0
  # A filter may leave nothing to compare.
  [[ -z $filter ]] || grep -qs '<testcase ' "${real[@]}" || return 0
  contract_compare "$sim" "${real[@]}"
}

# contract_real DIR JUNIT JOBS CTEST-OPTION…
contract_real() {
  local dir=$1 junit=$2 jobs=$3
  TIDEPOOL_CONTRACT_CLOUDS=$CLOUD_FOLDER/clouds.yaml TIDEPOOL_CONTRACT_CLOUD="${CLOUD_PROJECTS[*]}" \
    TIDEPOOL_CONTRACT_OPERATOR=$CLOUD_COMMAND \
    ctest_part contract "real services" "$dir" "$junit" "$jobs" -L '^contract$' "${@:4}"
}

# contract_compare SIMULATOR-JUNIT REAL-JUNIT…: the table, and a failure where the two sides differ.
contract_compare() {
  local code=0
  contract_table "$ROOT/tests/contract/simulated.txt" "$@" >"$LOGS/contract.table" || code=$?
  echo "  the contract on both (also in $LOGS/contract.table):"
  sed 's/^/    /' "$LOGS/contract.table"
  if ((code == 0)); then
    report contract "both sides alike" 0 0 1 0 0
  else
    report contract "both sides alike" 0 1 0 1 0
  fi
}

# contract_table REASONS SIMULATOR-JUNIT REAL-JUNIT…: a line for each case. REASONS has "SUITE why" for
# those that only a simulator can pass. Returns 1 when a case has another result on the other side, is
# missing there without a reason, or when nothing was compared.
contract_table() {
  awk '
    function field(key,   at) {
      at = index($0, " " key "=\"")
      if (!at) return ""
      rest = substr($0, at + length(key) + 3)
      return substr(rest, 1, index(rest, "\"") - 1)
    }
    FNR == 1 { file++ }
    file == 1 { if ($1 !~ /^#/ && NF > 1) { suite = $1; $1 = ""; why[suite] = substr($0, 2) } next }
    /<testcase / {
      name = field("name"); sub(/^contract\./, "", name); sub(/ +# GetParam.*/, "", name)
      status = field("status")
      word = status == "run" ? "passed" : status == "fail" ? "FAILED" : "skipped"
      if (file == 2) sim[name] = word; else real[name] = word
      if (!(name in seen)) { seen[name] = 1; names[++count] = name; if (length(name) > width) width = length(name) }
    }
    END {
      form = "%-" width "s  %-9s  %-8s  %s\n"
      printf form, "case", "simulator", "real", ""
      for (i = 1; i <= count; i++) {
        name = names[i]; suite = name; sub(/\..*/, "", suite)
        s = name in sim ? sim[name] : "-"; r = name in real ? real[name] : "-"
        if (r == "-" && suite in why) { word = "sim only: " why[suite]; only++ }
        else if (s == r && s != "-") { word = "alike"; alike++ }
        else { word = "DIFFERENT"; different++ }
        printf form, name, s, r, word
      }
      printf "%d alike, %d on the simulator only, %d different\n", alike, only, different
      exit different > 0 || alike == 0
    }' "$@"
}
