# shellcheck shell=bash
# What every ./run command shares. Sourced by run; ROOT is the checkout.

# Progress goes to stderr, so that a command's stdout is its result (eval "$(./run lab env)").
if [[ -t 2 && -z ${NO_COLOR-} ]]; then
  readonly BOLD=$'\e[1m' RED=$'\e[31m' PLAIN=$'\e[0m'
else
  readonly BOLD='' RED='' PLAIN=''
fi

say() { printf '%s==>%s %s\n' "$BOLD" "$PLAIN" "$*" >&2; }

die() {
  printf '%srun: %s%s\n' "$RED" "$*" "$PLAIN" >&2
  exit 1
}

# wrong_usage MESSAGE WHERE-TO-READ
wrong_usage() {
  printf 'run: %s; see: %s\n' "$1" "$2" >&2
  exit 2
}

# need_value OPTION COUNT-OF-ARGUMENTS-LEFT HELP: an option that takes a value has one.
need_value() { (($2 >= 2)) || wrong_usage "$1 needs a value" "$3"; }

# The end of a log on stderr, set in, so that a failure's cause is seen without opening a file.
show_end() {
  local file=$1 lines=${2:-60}
  { tail -n "$lines" "$file" | sed 's/^/    /'; } >&2
}
