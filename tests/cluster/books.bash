# For tests that compare the books: what the store says is leased, what the cloud has, and what
# slurmctld believes. `load books` after `load ../lab/lib` (and real.bash, on real services).

# shellcheck source=tests/cluster/cloud.bash
source "$(dirname "${BASH_SOURCE[0]}")/cloud.bash"

# cloud_runs_nothing: from now on the cloud's servers are entries in its books and no machines: forty
# namespaces would show nothing here, and cost minutes.
cloud_runs_nothing() { printf '#!/bin/sh\nexit 0\n' >"$LAB_DIR/bin/vm"; }

# store SQL: asks the store, as SlurmUser, whose files it consists of.
store() { as_slurm sqlite3 -cmd '.timeout 20000' "$LAB_DIR/state/tidepool/tidepool.db" "$1"; }
wanted_present() { store "SELECT name FROM nodes WHERE wanted = 'present' ORDER BY name"; }

# cloud_has NAME...: exactly these servers, each once and ACTIVE.
cloud_has() {
  local servers
  # A cloud that does not answer is not an empty one.
  servers=$(cloud_servers) || return
  [[ $(jq -r '.[] | "\(.name) \(.status)"' <<<"$servers" | sort) == \
    "$( (($# == 0)) || printf '%s ACTIVE\n' "$@" | sort)" ]]
}

# books_agree: each lease has one server, the one that the store names, at the leased address, with one
# port; there are no other servers or ports, and nothing twice.
books_agree() {
  local folder=$BATS_TEST_TMPDIR
  cloud_servers >"$folder/servers" && cloud_ports >"$folder/ports" &&
    tidepool pool list --json >"$folder/leases" || return
  jq -n -e --slurpfile servers "$folder/servers" --slurpfile ports "$folder/ports" \
    --slurpfile leases "$folder/leases" '
      def once: length == (unique | length);
      ($servers[0]) as $servers
      | ($leases[0] | map(select(.status != "free"))) as $leases
      | ($servers | map([.name, .id, .addresses[]]) | sort) == ($leases | map([.name, .server, .address]) | sort)
        and ([$ports[0][] | [.server, .address]] | sort)
          == ($servers | map([.id, .addresses[]]) | sort)
        and ($servers | map(.name) | once) and ($leases | map(.address) | once)'
}

# settled NAME...: the cloud has these servers and no others, and the books agree.
settled() { cloud_has "$@" && books_agree; }

# none_called_bad: nothing was wrong with the cloud, so no node may have been given up.
none_called_bad() {
  local bad
  bad=$(store "SELECT node, what, detail FROM events WHERE what IN ('given up', 'refused')") || return
  echo "$bad"
  [[ -z $bad ]]
}
