# shellcheck shell=bash
# Looks at Slurm, the hooks' log and the simulator again and again, and tells what changed.

declare -A NODE_STATE=() JOB_STATE=()
HOOKS_SEEN=0 REQUESTS_SEEN=0 LAST_REASON=

# watch_until SECONDS CONDITION…: tells the story until the condition holds; exits when it never does.
watch_until() {
  local deadline=$((SECONDS + $1))
  shift
  while :; do
    look
    if "$@"; then break; fi
    if ((SECONDS >= deadline)); then
      echo "waited too long for: $*"
      exit 1
    fi
    sleep 0.4
  done
  look
}

look() {
  look_at_hooks
  look_at_cloud
  look_at_nodes
  look_at_jobs
}

# hooks.log: TIME resume|suspend|resume-fail HOSTLIST [resume file]
look_at_hooks() {
  local time hook nodes lines=()
  mapfile -t -s "$HOOKS_SEEN" lines <"$LAB_DIR/log/hooks.log"
  local entry
  for entry in ${lines[@]+"${lines[@]}"}; do
    HOOKS_SEEN=$((HOOKS_SEEN + 1))
    read -r time hook nodes _ <<<"$entry"
    [[ $time ]] || continue
    case $hook in
      resume) tell hook "slurmctld calls ResumeProgram $nodes" ;;
      suspend) tell hook "slurmctld calls SuspendProgram $nodes" ;;
      resume-fail) tell hook "slurmctld calls ResumeFailProgram $nodes" ;;
    esac
  done
}

# Requests that change something, grouped; the many GETs are in the summary.
look_at_cloud() {
  local answer method what status count text
  answer=$(curl -fsS "$CONTROL/_sim/journal?after=$REQUESTS_SEEN")
  REQUESTS_SEEN=$(jq --argjson seen "$REQUESTS_SEEN" '[.requests[].number, $seen] | max' <<<"$answer")
  while IFS=$'\t' read -r method what status count; do
    text="$count × $method $what → $status"
    if [[ $method == POST && $what == /servers && $status == 403 ]]; then text+=" (quota exceeded)"; fi
    tell cloud "$text"
  done < <(jq -r '.requests[] | select(.method != "GET")
      | [.method, (.route | sub("^[A-Z]+ "; "") | sub("^/compute/v2.1"; "") | sub("^/v3/"; "/")), .status]
      | @tsv' <<<"$answer" | sort | uniq -c | awk '{ print $2 "\t" $3 "\t" $4 "\t" $1 }')
}

look_at_nodes() {
  local node state change
  local -A changes=()
  while read -r node state; do
    if [[ -n ${NODE_STATE[$node]-} && ${NODE_STATE[$node]} != "$state" ]]; then
      changes["${NODE_STATE[$node]} → $state"]+=,$node
    fi
    NODE_STATE[$node]=$state
  done < <(sinfo -h -N -o '%N %T' | sort -u)
  for change in "${!changes[@]}"; do
    tell node "$(scontrol show hostlistsorted "${changes[$change]#,}")  $change"
    tell_reason "$change" "${changes[$change]#,}"
  done
}

# Why a node is down or draining, in the words that everybody sees in sinfo -R; once per reason.
tell_reason() {
  local reason
  case $1 in
    *'→ down'* | *'→ drain'*) ;;
    *) return 0 ;;
  esac
  reason=$(sinfo -h -n "$2" -o %E | sort -u | grep -vx none | head -n 1) || true
  [[ $reason && $reason != "$LAST_REASON" ]] || return 0
  LAST_REASON=$reason
  tell_more "because: $reason"
}

# Tasks of one array that change alike are one line.
look_at_jobs() {
  local id name state nodes key
  local -A ids=() places=()
  while IFS='|' read -r id name state nodes; do
    if [[ ${JOB_STATE[$id]-} != "$state" && $state != COMPLETING ]] &&
      [[ $state != PENDING || ${JOB_STATE[$id]-} ]]; then
      key="$name|$state"
      ids[$key]+=", $id"
      places[$key]+=",$nodes"
    fi
    JOB_STATE[$id]=$state
  done < <(squeue -h -r -t all -o '%i|%j|%T|%N' | sort -n)
  for key in "${!ids[@]}"; do
    id=${ids[$key]#, } name=${key%|*} state=${key#*|} nodes=${places[$key]#,}
    if [[ $state == PENDING ]]; then
      tell job "$id ($name) is back in the queue"
    else
      tell job "$id ($name) $state on $(scontrol show hostlistsorted "$nodes")"
    fi
  done
}

servers() { curl -fsS "$CONTROL/_sim/servers" | jq '.servers | length'; }
