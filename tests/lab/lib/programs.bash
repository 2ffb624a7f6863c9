# The build's programs in the lab: user slurm must be able to run them, and a build folder is often
# below somebody's home. Copied, so that a build during a lab's life does not pull them away. A link leads
# to a program that a package has installed: that one is used where it is.

programs_install() {
  local name
  [[ $BIN_DIR ]] || BIN_DIR=$(readlink -m "$LAB_HOME/../../build/bin")
  mkdir -p "$LAB_DIR/bin/programs"
  for name in tidepool tidepool-resume tidepool-suspend tidepool-resume-fail tidepool-sim; do
    [[ -x $BIN_DIR/$name ]] || die "$BIN_DIR/$name is missing: build first, or say --bin DIR"
    if [[ -L $BIN_DIR/$name ]]; then
      ln -sf "$(readlink -f "$BIN_DIR/$name")" "$LAB_DIR/bin/programs/$name"
    else
      install -m 755 "$BIN_DIR/$name" "$LAB_DIR/bin/programs/$name"
    fi
  done
  install -o slurm -g slurm -m 644 /dev/null "$LAB_DIR/log/hooks.log"
  for name in resume suspend resume-fail; do
    _hook_write "$name"
  done
  _vm_hook_write
  _hibernate_write
}

# programs_end: ends what runs of the copies. What slurmctld started has died with the lab's cgroup; the
# worker of a person's `tidepool node create` is in the person's, and would ask on for ever.
programs_end() { wait_for 60 _programs_ended || die "processes of $LAB_DIR/bin/programs do not die"; }

_programs_ended() {
  local folder exe pid ended=0
  folder=$(readlink -f "$LAB_DIR")/bin/programs
  for exe in /proc/[0-9]*/exe; do
    pid=${exe#/proc/} pid=${pid%/exe}
    case $(readlink "$exe" 2>/dev/null) in
      "$folder"/*) ;;
      # An installed one is the lab's when it reads the lab's pool file.
      */tidepool*) grep -qsF "$LAB_DIR/etc/tidepool.yaml" "/proc/$pid/cmdline" || continue ;;
      *) continue ;;
    esac
    kill -KILL "$pid" 2>/dev/null || true
    ended=1
  done
  return "$ended"
}

# What slurmctld calls. It gives its hooks no environment but SLURM_CONF and SLURM_RESUME_FILE, so the
# configuration's place stands here. The log is the witness of what slurmctld asked for, and when;
# it is written without a fork, because hooks are measured in milliseconds.
_hook_write() {
  cat >"$LAB_DIR/bin/$1" <<HOOK
#!/bin/bash
time=\$EPOCHREALTIME
printf -v now '%(%FT%T)T' "\${time%.*}"
jobs=
[[ -r \${SLURM_RESUME_FILE:-} ]] && jobs=\$(<"\$SLURM_RESUME_FILE")
printf '%s.%s %s %s %s\n' "\$now" "\${time#*.}" $1 "\$*" "\$jobs" >>$LAB_DIR/log/hooks.log
exec $LAB_DIR/bin/programs/tidepool-$1 --config $LAB_DIR/etc/tidepool.yaml "\$@"
HOOK
  chmod 755 "$LAB_DIR/bin/$1"
}

# What the simulator calls when a server's state changes.
_vm_hook_write() {
  cat >"$LAB_DIR/bin/vm" <<HOOK
#!/bin/bash
export LAB_DIR=$LAB_DIR
exec $(printf %q "$LAB_HOME/vm") "\$@"
HOOK
  chmod 755 "$LAB_DIR/bin/vm"
}

# hibernate NODE ADDRESS: `systemctl hibernate` inside the node's guest, for hold.hibernate_command. It
# runs as whoever holds jobs, who may not freeze anything: the simulator lets the guest switch itself off.
_hibernate_write() {
  cat >"$LAB_DIR/bin/hibernate" <<HIBERNATE
#!/bin/bash
printf '%(%FT%TZ)T ask-hibernate %s %s\\n' -1 "\$1" "\$2" >>$LAB_DIR/log/hibernate.log
if grep -qxF -e "\$1 refuses" -e "any refuses" $LAB_DIR/etc/guests 2>/dev/null; then
  echo "Failed to hibernate system via logind: Not enough swap space for hibernation" >&2
  exit 1
fi
exec curl --silent --show-error --fail-with-body --noproxy '*' -X POST \\
  "\$(<$LAB_DIR/sim/control_url)/_sim/servers/\$1/hibernate"
HIBERNATE
  chmod 755 "$LAB_DIR/bin/hibernate"
  install -o slurm -g slurm -m 644 /dev/null "$LAB_DIR/log/hibernate.log"
}
