# shellcheck shell=bash
# How the demo speaks: one line per event, at most 96 columns, colours only on a terminal.

if [[ -t 1 && -z ${NO_COLOR-} ]]; then
  BOLD=$'\e[1m' DIM=$'\e[2m' PLAIN=$'\e[0m'
  declare -A COLOUR=([job]=$'\e[32m' [node]=$'\e[36m' [hook]=$'\e[35m' [cloud]=$'\e[33m')
else
  BOLD='' DIM='' PLAIN=''
  declare -A COLOUR=()
fi

chapter() { printf '\n%s%s%s\n' "$BOLD" "$1" "$PLAIN"; }
line() { printf '  %s\n' "$*"; }

begin_story() { STARTED=$EPOCHREALTIME; }

# Tenths of a second since begin_story, as "12.3".
elapsed() {
  local now=$EPOCHREALTIME tenths
  tenths=$(((${now/./} - ${STARTED/./}) / 100000))
  printf '%d.%d' $((tenths / 10)) $((tenths % 10))
}

# tell WHO WHAT: WHO is job, node, hook or cloud.
tell() {
  local text=$2
  if ((${#text} > 78)); then text=${text:0:75}...; fi
  printf '%7s s  %s%-5s%s  %s\n' "$(elapsed)" "${COLOUR[$1]-}" "$1" "$PLAIN" "$text"
}

# tell_more TEXT: goes on below the last line, as long as it is.
tell_more() {
  local part
  while IFS= read -r part; do printf '%18s%s\n' '' "$part"; done < <(fold -s -w 76 <<<"$1")
}

# run_shown submit OPTION…: shows the command as a person would type it, and runs it.
run_shown() {
  local text='' word id
  for word in "${@:2}"; do
    if [[ $word == *' '* ]]; then word="'$word'"; fi
    text+=" $word"
  done
  id=$("$@")
  printf '  %s$ sbatch%s%s  %s→ job %s%s\n' "$BOLD" "$text" "$PLAIN" "$DIM" "$id" "$PLAIN"
}

legend() {
  echo
  line "${DIM}Node states as sinfo writes them: ~ powered down, # powering up, ! and % powering down.$PLAIN"
}
