#!/usr/bin/env bats
# By name only: two to four minutes, as real neutron makes and takes away twenty ports.
# A real slurmctld resumes twenty nodes on real nova and suspends them again, and what the cloud was
# asked for: by tidepool's own count, and by nova's.

bats_require_minimum_version 1.5.0
load ../lab/lib
load real
load requests

# Suspended when the first count is done, not before.
setup_file() { real_up --nodes 20 --compute-nodes 1 --suspend-time 3000 --suspend-timeout 10 --node-addr stale; }
teardown_file() { real_down; }

@test "twenty nodes come, run a job, and go; one create and one delete each, and lists" {
  local posts deletes seconds
  posts=$(nova_asked POST '/v2.1/servers') deletes=$(nova_asked DELETE '/v2.1/servers/[^/]*')
  seconds=$SECONDS
  timeout 900 srun -p osg -N20 hostname | sort >"$LAB_DIR/hosts"
  seq -f 'osg-%03g' 20 | diff - "$LAB_DIR/hosts"
  wait_until 60 no_worker
  seconds=$((SECONDS - seconds))
  print_requests "20 nodes up, the job has run, after $seconds s"
  # The floor: one token, and a create for each. Names become ids once. The rest are listings.
  [ "$(sent '^POST .*/auth/tokens$')" -le 1 ]
  [ "$(sent '^POST .*/servers$')" -eq 20 ]
  [ "$(sent '^(POST|PUT|PATCH|DELETE) ')" -eq $((20 + $(sent '^POST .*/auth/tokens$'))) ]
  [ "$(sent '^GET .*/servers/\{id\}')" -eq 0 ]
  [ "$(lookups)" -le 6 ]
  # The worker lists no more often than every 300 ms, however long it takes.
  [ "$(sent '^GET .*/servers/detail$')" -le $((seconds * 10 / 3 + 4)) ]
  [ $(($(nova_asked POST '/v2.1/servers') - posts)) -eq 20 ]

  forget_requests
  seconds=$SECONDS
  scontrol update NodeName='osg-[001-020]' State=POWER_DOWN
  wait_until 600 no_servers
  wait_until 60 no_ports
  wait_until 120 no_worker
  wait_until 120 all_powered_down
  seconds=$((SECONDS - seconds))
  print_requests "all servers gone, after $seconds s"
  [ "$(sent '^POST .*/servers$')" -eq 0 ]
  [ "$(sent '^DELETE .*/servers/\{id\}$')" -eq 20 ]
  [ "$(sent '^GET .*/servers/\{id\}')" -eq 0 ]
  # The token is the one of before: it is in the cache.
  [ "$(sent '^POST .*/auth/tokens$')" -eq 0 ]
  [ "$(sent '^GET .*/servers/detail$')" -le $((seconds * 10 / 3 + 4)) ]
  [ $(($(nova_asked DELETE '/v2.1/servers/[^/]*') - deletes)) -eq 20 ]
}
all_powered_down() { [[ $(sinfo -h -N -p osg -o %T | sort -u) == idle~ ]]; }
