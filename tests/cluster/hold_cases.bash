# For the bats files about holds that go wrong: one job of each test's own, on a node of its own.
# `load hold_cases`, after holds.

# cases_lab_up NODES: a lab whose patience is short.
cases_lab_up() {
  holds_lab_up "$1" "{mode: [suspend], action_timeout: 8s, return_timeout: 10m,
      hibernate_command: [@LAB@/bin/hibernate, '{node}', '{address}'], hibernate_timeout: 20s}"
  warm "osg-[001-$(printf %03d "$1")]" "$1"
}

# a_job NODE [SBATCH_ARGUMENT...]: it remembers something; JOB and FILE.
a_job() {
  JOB=$(remember_on "$@")
  FILE=$(memory "$JOB")
  begun "$JOB"
  note "$FILE"
}
# held NODE STATUS [OPTION...]: holds JOB.
held() {
  tidepool hold --job "$JOB" --wait --timeout 150 "${@:3}"
  wait_until 30 away "$1" "$2"
}
released() { tidepool release --job "$JOB" --wait --timeout 150; }

# goes_on NODE: the job and its node are as if nothing had been.
goes_on() {
  wait_until 60 job_is "$JOB" RUNNING
  ends_right "$JOB"
  wait_until 60 back "$1"
  wait_until 60 no_hold_of "$JOB"
}

# starts_anew WORDS: it is back in the queue, with these words in its admin_comment. That it runs again
# is the file's last test, for all of them at once: a batch job that waits for its node to boot waits for
# slurmctld's half minute.
starts_anew() {
  wait_until 150 restarted "$JOB"
  [[ $(admin_comment "$JOB") == *"$1"* ]]
  wait_until 60 no_hold_of "$JOB"
  echo "$JOB" >>"$LAB_DIR/anew"
}
restarted() { (($(job_field "$1" Restarts) >= 1)); }
those_run_anew() {
  local job
  while read -r job; do
    wait_until 250 fresh_start "$job"
    touch "$(memory "$job").end"
    wait_until 100 job_is "$job" COMPLETED
  done <"$LAB_DIR/anew"
}

# refused WORDS [OPTION...]: the hold comes to nothing, and its command says why.
refused() {
  run tidepool hold --job "$JOB" --wait --timeout 150 "${@:2}"
  echo "$output"
  [ "$status" -eq 1 ]
  [[ $output == *"$1"* ]]
}

# action_fault ACTION KEYS: for requests of that action; KEYS as in the simulator's README.
action_fault() {
  sim_api POST faults "{\"match\": {\"method\": \"POST\", \"path\": \"/action$\", \"body\": \"\\\"$1\\\"\"}, $2}"
}
# all_hosts_have N: cores.
all_hosts_have() {
  local host
  for host in $(sim_api GET hosts | jq -r '.hosts[].name'); do sim_api PUT "hosts/$host" "{\"cores\": $1}"; done
}
