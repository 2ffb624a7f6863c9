# What is told about processes, and how a background process lets go of its caller.

# process_start_time PID: clock ticks since boot at which PID started; fails when it does not run.
process_start_time() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  # The command's name, in parentheses, may itself hold blanks and parentheses: cut to the last one.
  # shellcheck disable=SC2086 # fields are words
  set -- ${stat##*) }
  # A zombie has ended; whoever should reap it takes its time.
  [[ $1 != [ZX] ]] && echo "${20}"
}

# pidfile_write FILE PID: the process id and its start time, so that a process id that was given to
# somebody else is never mistaken for ours.
pidfile_write() { echo "$2 $(process_start_time "$2")" >"$1"; }

# pidfile_read FILE: prints the process id; fails when that process does not run.
pidfile_read() {
  local pid started
  read -r pid started 2>/dev/null <"$1" || return 1
  [[ $started && $(process_start_time "$pid") == "$started" ]] && echo "$pid"
}

# Descriptors that a caller left open (a test harness, our own lock) are not a background process's.
close_inherited() {
  local fd
  for fd in /proc/"$BASHPID"/fd/*; do
    fd=${fd##*/}
    ((fd <= 2)) || eval "exec $fd>&-"
  done
}
