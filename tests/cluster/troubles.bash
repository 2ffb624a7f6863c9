# For bats files about nodes that cannot come, on a lab whose ResumeTimeout is far away: whatever
# slurmctld learns within these tests it learns from tidepool. `load troubles`, after cloud.

# troubles_lab_up NODES [OPTION...]: a lab that forgets its pools' rests quickly.
troubles_lab_up() {
  lab_up --nodes "$1" --suspend-time 5 --suspend-timeout 5 --resume-timeout 900 --policy cool_off=2s \
    --policy cool_off_max=2s "${@:2}"
  cp "$LAB_DIR/etc/tidepool.yaml" "$LAB_DIR/good.yaml"
}

# begin COMMAND...: in the background; its process id is $!. What still runs at a test's end, after a
# failure that is, is ended then.
begin() {
  "$@" 3>&- &
  started+=("$!")
}
teardown() {
  local pid
  for pid in "${started[@]}"; do
    # Still ours, and not another's that has got its number.
    (($(ps -o ppid= -p "$pid" || echo 0) != BASHPID)) || kill -TERM "$pid"
  done
}
started=()

# service, service_ends: tidepool.service, as far as a lab has it.
service() {
  begin tidepool work --stay
  worker=$!
}
service_ends() {
  kill -TERM "$worker"
  wait "$worker"
}

# quiet: the worker has nothing left to do, so that the next one reads its configuration anew.
quiet() {
  wait_until 200 servers_are 0
  wait_until 200 no_worker
}

# told NODE WORDS: slurmctld has been given a Reason with these words for the node, by its own log: the
# Reason itself is gone as soon as the node may be used again.
told() { grep -F "update_node: node $1 reason set to: tidepool: " "$LAB_DIR/log/slurmctld.log" | grep -F -- "$2"; }
requeued() { job_is "$1" PENDING && [[ $(job_field "$1" Restarts) -ge 1 ]]; }

# fails NODE WORDS: a job on the node is requeued, with these words in the node's Reason; and what
# there was of a server is gone. The cause must last until then: the job tries again and again.
fails() {
  local job
  job=$(submit -p osg -w "$1" --wrap hostname)
  wait_until 100 told "$1" "$2"
  told "$1" "$2"
  wait_until 200 requeued "$job"
  scancel "$job"
  wait_until 200 gone "$1"
}
gone() { [[ -z $(server_of "$1") ]]; }

# works NODE: it is usable, without anybody's doing, and a job runs on it.
works() {
  wait_until 200 rested osg
  wait_until 200 node_is "$1" idle~
  [ "$(timeout 280 srun -p osg -w "$1" hostname)" = "$1" ]
}

# run_on N NODES: what a job of N nodes prints, one word a node.
run_on() { timeout 280 srun -p osg -N "$1" -w "$2" hostname | sort | xargs; }

# creates STATUS: how many requests for a server were answered so (0: not at all), since the last reset.
creates() {
  sim_api GET 'journal?route=POST%20/compute/v2.1/servers' | jq --argjson status "$1" '[.requests[]
    | select(.route == "POST /compute/v2.1/servers" and .status == $status)] | length'
}

# nothing_left: no server, no port, every node powered down and free.
nothing_left() {
  wait_until 200 servers_are 0
  wait_until 100 no_ports
  wait_until 200 all_free
}
all_free() { [[ $(tidepool pool list osg --json | jq -r '.[].status' | sort -u) == free ]]; }
