# shellcheck shell=bash
# Counts what the cloud is asked while a job gets N nodes and gives them back.

# count_requests N LOG
count_requests() {
  local nodes=$1 log=$2 control
  LAB_DIR=$(mktemp -d /tmp/tidepool-lab.XXXXXX)
  "$HERE/../lab/lab" up --dir "$LAB_DIR" --owner $$ --nodes "$nodes" --compute-nodes 1 \
    --quota-instances "$nodes" --suspend-time 5 --suspend-timeout 5 >"$log" 2>&1 ||
    { cat "$log"; return 1; }
  eval "$("$HERE/../lab/lab" env --dir "$LAB_DIR")"
  control=$(jq -r .control_url "$LAB_DIR/sim/sim.json")
  echo "Requests while a job gets $nodes nodes and they leave again:"
  curl -fsS -d '{}' "$control/_sim/counts/reset"
  srun --quiet --chdir / --nodes "$nodes" --partition osg true
  print_requests "$control" "until the job has run"
  curl -fsS -d '{}' "$control/_sim/counts/reset"
  local deadline=$((SECONDS + 120))
  until [[ $(curl -fsS "$control/_sim/servers" | jq '.servers | length') == 0 ]]; do
    ((SECONDS < deadline)) || { echo "the nodes do not leave"; return 1; }
    sleep 0.5
  done
  print_requests "$control" "until all servers are gone"
}

# print_requests CONTROL HEADING
print_requests() {
  echo
  curl -fsS "$1/_sim/counts" | jq -r --arg heading "$2" '
    "  \($heading): \(.total), at most \(.max_in_flight) at a time",
    (.routes | to_entries | sort_by(-.value)[] | "    \(.value)\t\(.key)")'
}
