# shellcheck shell=bash
# The steps of `up`: each says what it was and how long it took; when it fails, where to look.

# step TITLE LOG COMMAND…: the output goes to log/LOG.log. The lock (descriptor 9) stays ours alone.
step() {
  local title=$1 log=$CLOUD_DIR/log/$2.log start=$SECONDS
  shift 2
  "$@" >>"$log" 2>&1 </dev/null 9<&- || {
    log_tail "$log"
    say "error: $title failed: see $log"
    return 1
  }
  say "$title $((SECONDS - start)) s"
}

# once NAME TITLE COMMAND…: a step that a cloud needs once in its life.
once() {
  [[ ! -e $CLOUD_DIR/done/$1 ]] || return 0
  step "$2" "setup-$1" "${@:3}" || return
  touch "$CLOUD_DIR/done/$1"
}
