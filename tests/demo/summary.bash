# shellcheck shell=bash
# The end of the demo: what it came to, and where to go next.

summary() {
  local counts hooks
  counts=$(curl -fsS "$CONTROL/_sim/counts")
  hooks=$(awk '{ n[$2]++ } END { printf "%d resume, %d suspend, %d resume-fail", n["resume"], n["suspend"], n["resume-fail"] }' \
    "$LAB_DIR/log/hooks.log")
  chapter "What it came to, after $(elapsed) s"
  line "jobs    $(squeue -h -r -t COMPLETED -o %i | wc -l) completed, none lost"
  line "hooks   $hooks"
  line "cloud   $(jq -r '.total' <<<"$counts") requests:"
  jq -r '.routes | to_entries | sort_by(-.value)[] | "\(.value)\t\(.key)"' <<<"$counts" |
    while IFS=$'\t' read -r count route; do printf '          %4d  %s\n' "$count" "$route"; done
  line "left    $(servers) servers; every node is powered down again"
  chapter "Where to go next"
  line "./run lab up && eval \"\$(./run lab env)\"   the same cluster, for your own sbatch and sinfo"
  line "docs/how-it-works.md                      what you have just seen"
  line "docs/administrator.md                     on your own controller and cloud"
}
