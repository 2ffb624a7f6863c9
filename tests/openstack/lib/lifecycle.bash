# shellcheck shell=bash
# up and down.

cloud_up() {
  local start=$SECONDS
  mkdir -p "$CLOUD_DIR"
  folder_lock || die "$CLOUD_DIR is being removed by somebody else: try again"
  _is_a_cloud_or_empty || die "$CLOUD_DIR is not empty and not a cloud's folder"
  chmod 700 "$CLOUD_DIR"
  touch "$CLOUD_DIR/tidepool-openstack"
  mkdir -p "$CLOUD_DIR"/{etc,data,done,lock,log,run,home}
  if settings_load && [[ -e $CLOUD_DIR/run/ready ]] && ! settings_differ && all_run; then
    owner_watch
    say "is up already: $CLOUD_DIR/clouds.yaml"
    return
  fi
  trap 'exit 130' INT TERM HUP
  trap '(($? == 0)) || _give_up' EXIT
  rm -f "$CLOUD_DIR/run/ready"
  process_kill_orphans
  process_signal CONT "${SERVICES[@]}"
  settings_merge
  ! process_none "${SERVICES[@]}" || ports_check
  secrets_load
  owner_watch
  _configure
  _bring_up
  touch "$CLOUD_DIR/run/ready"
  trap - INT TERM HUP EXIT
  say "up after $((SECONDS - start)) s: $CLOUD_DIR/clouds.yaml has clouds demo, demo-appcred, other, admin"
  say "for this shell: eval \"\$(./run openstack env$(_dir_option))\""
}

_dir_option() { [[ $CLOUD_DIR == "$(_default_dir)" ]] || printf ' --dir %q' "$CLOUD_DIR"; }

all_run() {
  local name
  for name in "${SERVICES[@]}"; do
    process_runs "$name" && ! process_paused "$name" || return 1
  done
}

# Writes every configuration; stops those that run with an older one.
_configure() {
  local name stale=()
  for name in rabbitmq keystone placement glance neutron nova; do "${name}_configure"; done
  for name in "${SERVICES[@]}"; do
    [[ ! -e $CLOUD_DIR/run/$name.stale ]] || ! process_runs "$name" || stale+=("$name")
  done
  service_stop ${stale[@]+"${stale[@]}"}
}

_bring_up() {
  service_start mariadb memcached epmd
  service_wait epmd
  service_start rabbitmq
  service_wait mariadb
  once account "mariadb: account" mariadb_account
  _schemas
  service_start keystone placement glance neutron
  service_wait keystone
  once identities "keystone: projects, users, catalog" seed identities
  service_wait placement
  service_wait rabbitmq
  # These look placement up in the catalog when they start.
  service_start nova-api nova-conductor nova-scheduler nova-compute
  local name
  for name in "${SERVICES[@]}"; do
    case $name in
      glance | neutron | nova-*) service_wait "$name" ;;
    esac
  done
  # No server is sent to a host before it was mapped to a cell.
  once hosts "nova: hosts" nova_discover
  once resources "flavors, image, networks" seed resources
  step "quota of project demo" setup-quota seed quota "$QUOTA_INSTANCES" "$QUOTA_CORES" "$QUOTA_RAM"
}

# The three slow ones side by side. They do not keep the lock if we are killed.
_schemas() {
  local jobs=() job bad=''
  {
    once schema-keystone "keystone: schema" keystone_schema &&
      once schema-placement "placement: schema" placement_schema &&
      once schema-glance "glance: schema" glance_schema
  } 9<&- & jobs+=($!)
  once schema-nova "nova: schemas" nova_schema 9<&- & jobs+=($!)
  once schema-neutron "neutron: schema" neutron_schema 9<&- & jobs+=($!)
  for job in "${jobs[@]}"; do wait "$job" || bad=yes; done
  [[ -z $bad ]] || die "a database schema was not made (above)"
}

# seed WHAT [VALUE]…: see python/seed.py.
seed() { python3 "$CLOUD_HOME/python/seed.py" "$CLOUD_DIR" "$@"; }

cloud_project() {
  local name
  (($#)) || wrong_usage "project needs a name"
  for name in "$@"; do
    [[ $name =~ ^[a-z][a-z0-9-]{0,30}$ ]] || wrong_usage "a project's name is of a-z, 0-9 and -: not '$name'"
  done
  folder_lock || die "no cloud in $CLOUD_DIR"
  { settings_load && [[ -e $CLOUD_DIR/run/ready ]]; } || die "no cloud is up in $CLOUD_DIR"
  step "projects: $*" setup-projects seed projects "$@"
}

# A failed or interrupted up leaves nothing running; the folder stays, for its logs.
_give_up() {
  trap - INT TERM HUP EXIT
  say "giving up; the logs are in $CLOUD_DIR/log (./run openstack down$(_dir_option) forgets them)"
  local pid
  for pid in $(process_all up); do
    [[ $pid == "$$" ]] || kill -KILL "$pid" 2>/dev/null || true
  done
  process_stop 0 "${SERVICES[@]}" owner
}

cloud_down() {
  local locked=''
  ! folder_lock || locked=yes
  [[ -z $locked ]] || _is_a_cloud_or_empty || die "$CLOUD_DIR is not a cloud's folder"
  # Processes of a cloud whose folder was removed are found as well.
  if [[ -z $locked ]] && process_none "${SERVICES[@]}" owner up; then
    say "is down: nothing in $CLOUD_DIR"
    return
  fi
  rm -f "$CLOUD_DIR/run/ready"
  if [[ $KEEP && $locked ]]; then
    process_stop 0 owner up
    # Those that others write to go last.
    service_stop "${SERVICES[@]:4}"
    service_stop "${SERVICES[@]:0:4}"
    say "down: $CLOUD_DIR has the data for the next up"
    return
  fi
  # Nothing is asked to end: what it would save goes with the folder.
  process_stop 0 owner up "${SERVICES[@]}"
  if [[ $locked ]]; then
    find "$CLOUD_DIR" -mindepth 1 -delete
    rmdir "$CLOUD_DIR"
  fi
  say "down: nothing is left of $CLOUD_DIR"
}

# Two commands on one folder wait for each other. Fails when there is no folder (any more).
folder_lock() {
  { exec 9<"$CLOUD_DIR"; } 2>/dev/null && flock 9 && [[ /proc/self/fd/9 -ef $CLOUD_DIR ]]
}

_is_a_cloud_or_empty() {
  [[ -e $CLOUD_DIR/tidepool-openstack || -z $(ls -A "$CLOUD_DIR") ]]
}
