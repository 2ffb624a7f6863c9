# shellcheck shell=bash
# ./run openstack: tests/openstack/cloud with the packages that it needs.
# shellcheck source=scripts/packages.sh
source "$ROOT/scripts/packages.sh"

help_openstack() { "$ROOT/tests/openstack/cloud" --help; }

run_openstack() {
  case ${1-} in
    -h | --help) help_openstack; return ;;
    '') wrong_usage "openstack needs up, env, status, service, project or down" "./run openstack --help" ;;
    up)
      [[ " $* " == *" --help "* || " $* " == *" -h "* ]] || {
        ensure_packages
        ensure_listed "$ROOT/tests/openstack/packages"
      }
      ;;
    down | env | status | service | project) ;;
    *) wrong_usage "unknown openstack command '$1'" "./run openstack --help" ;;
  esac
  exec "$ROOT/tests/openstack/cloud" "$@"
}
