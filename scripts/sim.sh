# shellcheck shell=bash
# ./run sim: the OpenStack simulator in the foreground.
# shellcheck source=scripts/build.sh
source "$ROOT/scripts/build.sh"

help_sim() {
  cat <<'END'
Usage: ./run sim [OPTION…]

Runs the OpenStack simulator (Keystone, Nova, Neutron, Glance, Placement) on loopback until
Ctrl-C, and prints where its clouds.yaml is. Options go to build/bin/tidepool-sim:
--port P, --latency 50ms, --quota-instances N and more, see build/bin/tidepool-sim --help.
Its state is in build/sim unless --state-dir says otherwise.
END
}

run_sim() {
  local options=("$@") argument
  for argument in "$@"; do
    case $argument in
      -h | --help) help_sim; return ;;
      --state-dir | --state-dir=*) local own=yes ;;
    esac
  done
  build_targets dev tidepool-sim
  if [[ -z ${own-} ]]; then
    install -d -m 700 "$ROOT/build/sim"
    options+=(--state-dir "$ROOT/build/sim")
  fi
  exec "$ROOT/build/bin/tidepool-sim" ${options[@]+"${options[@]}"}
}
