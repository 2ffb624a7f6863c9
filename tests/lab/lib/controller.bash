# munged and slurmctld, both as user slurm: the controller of the lab's cluster.

controller_start() {
  munge_start
  slurmctld_start
}

munge_start() {
  local key=$LAB_DIR/etc/munge.key
  if [[ ! -e $key ]]; then
    (umask 077 && head -c 1024 /dev/urandom >"$key")
    chown slurm:slurm "$key"
  fi
  daemon_start munged setpriv --reuid slurm --regid slurm --init-groups \
    munged --foreground --socket "$LAB_DIR/run/munge.socket" --key-file "$key" \
    --pid-file "$LAB_DIR/run/munge/munged.pid" --seed-file "$LAB_DIR/run/munge/munged.seed" \
    --log-file "$LAB_DIR/run/munge/munged.log"
  daemon_wait munged 120 _munge_answers || die "munged does not answer: $(tail -n 5 "$LAB_DIR/log/munged.out")"
}

_munge_answers() {
  munge --no-input --socket "$LAB_DIR/run/munge.socket" >/dev/null 2>&1
}

# slurmctld runs only on a machine that is called as slurm.conf says, and finds the address that it
# listens on by that name (NoCtldInAddrAny): hence its own host name and hosts file. It becomes user
# slurm itself.
slurmctld_start() {
  # The machine's own name too: slurmctld tells srun there what becomes of its job, and 24.11 stands
  # still for twenty seconds over a name that does not resolve.
  printf '127.0.0.1 localhost\n%s controller\n%s %s\n' "$LAB_ADDRESS" "$LAB_ADDRESS" "$(uname -n)" \
    >"$LAB_DIR/etc/hosts"
  # shellcheck disable=SC2016 # $0 is for the inner shell
  daemon_start slurmctld env SLURM_CONF="$LAB_DIR/etc/slurm.conf" TIDEPOOL_JOB_POLICY="$LAB_DIR/etc/job-policy" \
    unshare --uts --mount --propagation slave sh -c \
    'hostname controller && mount --bind "$0" /etc/hosts && exec slurmctld -D' "$LAB_DIR/etc/hosts"
  daemon_wait slurmctld 120 _slurmctld_answers ||
    die "slurmctld does not answer: $(tail -n 5 "$LAB_DIR/log/slurmctld.out" "$LAB_DIR/log/slurmctld.log")"
}

# slurmctld_stop: it saves its state, as at systemctl stop.
slurmctld_stop() {
  local pid
  pid=$(daemon_pid slurmctld) || return 0
  kill -TERM "$pid"
  wait_for 120 daemon_is_gone slurmctld || die "slurmctld does not end"
}

# slurmctld_restart: what `tidepool apply` calls, as systemctl restart.
slurmctld_restart() {
  slurmctld_stop
  slurmctld_start
}

_slurmctld_answers() {
  SLURM_CONF=$LAB_DIR/etc/slurm.conf scontrol ping 2>/dev/null | grep -q 'is UP'
}

# dynamic_nodes_make: what the worker of a new cluster does first.
dynamic_nodes_make() {
  SLURM_CONF=$LAB_DIR/etc/slurm.conf setpriv --reuid slurm --regid slurm --init-groups \
    "$LAB_DIR/bin/programs/tidepool" --config "$LAB_DIR/etc/tidepool.yaml" work
  SLURM_CONF=$LAB_DIR/etc/slurm.conf scontrol show node "$(OSG_LIST),$(COMPUTE_LIST)" >/dev/null ||
    die "the nodes were not made: $(tail -n 5 "$LAB_DIR/log/tidepool.log" "$LAB_DIR/log/slurmctld.log")"
}
