# shellcheck shell=bash
# What the command says, all on stderr: stdout is for what a shell reads.

say() { printf 'openstack: %s\n' "$*" >&2; }
die() {
  printf 'openstack: error: %s\n' "$*" >&2
  exit 1
}
wrong_usage() {
  printf 'openstack: %s; see: ./run openstack --help\n' "$1" >&2
  exit 2
}

# log_tail FILE: the end of a log, set in, so that a failure's cause is seen at once.
log_tail() { tail -n 20 "$1" 2>/dev/null | sed 's/^/    /' >&2; }
