# One cgroup per VM and one for the daemons, so that freeze and kill hit exactly one process tree.
# Works with the freezer of cgroup v1 and with cgroup v2 (cgroup.freeze); LAB_CGROUP=v1|v2 chooses
# on machines that have both.

# Prints "v1 MOUNTPOINT" or "v2 MOUNTPOINT" of the first usable hierarchy.
cgroup_detect() {
  local mount type options found=
  while read -r _ mount type options _; do
    case $type:${LAB_CGROUP:-any} in
      cgroup:v1 | cgroup:any) [[ ,$options, == *,freezer,* ]] && found="v1 $mount" ;;
      cgroup2:v2 | cgroup2:any) [[ -w $mount ]] && found=${found:-"v2 $mount"} ;;
    esac
  done </proc/mounts
  [[ $found ]] || die "no freezer cgroup (v1) and no writable cgroup v2 hierarchy is mounted"
  echo "$found"
}

# cgroup_setup NAME: sets CGROUP_VERSION and CGROUP_ROOT (the lab's own cgroup; not created here). The
# choice that lab up made is in LAB_DIR/cgroup, so that all commands of a lab make the same one.
cgroup_setup() {
  local mount
  if ! read -r CGROUP_VERSION mount 2>/dev/null <"$LAB_DIR/cgroup"; then
    read -r CGROUP_VERSION mount < <(cgroup_detect)
  fi
  CGROUP_ROOT=$mount/$1
}

# cgroup_enter CHILD: moves the calling (sub)shell, and so all it starts, into the lab's CHILD.
cgroup_enter() {
  mkdir -p "$CGROUP_ROOT/$1"
  echo "$BASHPID" >"$CGROUP_ROOT/$1/cgroup.procs"
}

# Both wait until the kernel says that every process followed.
cgroup_freeze() { wait_for 60 _cgroup_reaches "$1" 1; }
cgroup_thaw() { wait_for 60 _cgroup_reaches "$1" 0; }

# A process in the middle of fork or exec can leave a v1 cgroup FREEZING: write again until it is done.
_cgroup_reaches() {
  [[ -d $CGROUP_ROOT/$1 ]] || return 0
  _cgroup_write "$1" "$2"
  if [[ $CGROUP_VERSION == v1 ]]; then
    [[ $(<"$CGROUP_ROOT/$1/freezer.state") == $(_cgroup_v1_word "$2") ]]
  else
    grep -qx "frozen $2" "$CGROUP_ROOT/$1/cgroup.events"
  fi
}

# _cgroup_write CHILD 1|0: asks for frozen or thawed.
_cgroup_write() {
  if [[ $CGROUP_VERSION == v1 ]]; then
    _cgroup_v1_word "$2" >"$CGROUP_ROOT/$1/freezer.state"
  else
    echo "$2" >"$CGROUP_ROOT/$1/cgroup.freeze"
  fi
}

_cgroup_v1_word() { if (($1)); then echo FROZEN; else echo THAWED; fi; }

# cgroup_pids CHILD: the processes in it.
cgroup_pids() { cat "$CGROUP_ROOT/$1/cgroup.procs" 2>/dev/null || true; }

# cgroup_destroy CHILD: kills all its processes, waits until they are gone, removes it.
cgroup_destroy() {
  [[ -d $CGROUP_ROOT/$1 ]] || return 0
  wait_for 60 _cgroup_killed "$1" || die "processes in $CGROUP_ROOT/$1 do not die"
}

# Frozen while the signals are sent, so that none can fork away; a v1 cgroup dies only once thawed.
_cgroup_killed() {
  local dir=$CGROUP_ROOT/$1 pids
  [[ -d $dir ]] || return 0
  _cgroup_write "$1" 1 || true
  pids=$(cgroup_pids "$1")
  # shellcheck disable=SC2086 # one word per process
  [[ -z $pids ]] || kill -KILL $pids 2>/dev/null || true
  _cgroup_write "$1" 0 || true
  [[ -z $(cgroup_pids "$1") ]] && rmdir "$dir" 2>/dev/null
}

# cgroup_children: names of the lab's cgroups.
cgroup_children() {
  local dir
  for dir in "$CGROUP_ROOT"/*/; do
    [[ -d $dir ]] && basename "$dir"
  done
  return 0
}
