# shellcheck shell=bash
# The Debian packages that building and testing need: Build-Depends of packaging/debian/control,
# the only list there is.

[[ -z ${CONTROL-} ]] || return 0 # sourced already
readonly CONTROL=$ROOT/packaging/debian/control
readonly POLICY=/usr/sbin/policy-rc.d

# One name a line; the first of alternatives, no versions, no restrictions.
package_names() {
  awk '/^Build-Depends:/ { on = 1; sub(/^[^:]*:/, "") }
       on && /^[^ \t#]/ && !/^[a-z0-9]/ { exit }
       on' "$CONTROL" | sed 's/#.*//' | tr ',' '\n' |
    sed 's/|.*//; s/[[(<].*//; s/[[:space:]]//g; s/:any$//; /^$/d'
}

missing_packages() {
  local names=() installed
  mapfile -t names < <(package_names)
  ((${#names[@]} > 0)) || die "no Build-Depends in $CONTROL"
  # debhelper-compat is a virtual package that debhelper provides.
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}, ${Provides}\n' 2>/dev/null |
    sed -n 's/^installed //p' | tr ',' '\n' | sed 's/(.*//; s/[[:space:]]//g' | sort -u)
  comm -13 <(printf '%s\n' "$installed") <(printf '%s\n' "${names[@]}" | sort -u)
}

# A package must not start its service (slurmctld, munge) on the machine of a person who only
# wants to build: policy-rc.d says no while packages are installed, and is put back whatever happens.
forbid_services() {
  if [[ -e $POLICY ]] && ! grep -q 'by tidepool, temporary' "$POLICY"; then
    as_root mv "$POLICY" "$POLICY.tidepool-saved"
  fi
  trap allow_services EXIT
  printf '#!/bin/sh\n# by tidepool, temporary: no service starts while packages are installed\nexit 101\n' |
    as_root tee "$POLICY" >/dev/null
  as_root chmod 755 "$POLICY"
}

allow_services() {
  as_root rm -f "$POLICY"
  if [[ -e $POLICY.tidepool-saved ]]; then
    as_root mv "$POLICY.tidepool-saved" "$POLICY"
  fi
}

as_root() {
  if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

apt() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
    -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@" </dev/null
}

ensure_packages() {
  local missing log
  command -v dpkg-query >/dev/null || die "this is not a Debian system: install what \
packaging/debian/control lists under Build-Depends by hand, then use cmake --preset dev"
  missing=$(missing_packages)
  [[ -n $missing ]] || return 0
  say "installing packages: ${missing//$'\n'/ }"
  ((EUID == 0)) || command -v sudo >/dev/null ||
    die "they need root: run as root once, or install sudo"
  log=$(mktemp)
  (
    trap 'exit 130' INT TERM
    forbid_services
    # Package lists may be missing or old: fetched only when the first try fails.
    apt build-dep "$ROOT/packaging" >"$log" 2>&1 ||
      { apt update >>"$log" 2>&1 && apt build-dep "$ROOT/packaging" >>"$log" 2>&1; }
  ) || {
    show_end "$log" 30
    rm -f "$log"
    die "apt-get could not install them (its words are above)"
  }
  rm -f "$log"
  missing=$(missing_packages)
  [[ -z $missing ]] || die "still missing after installation: ${missing//$'\n'/ }"
}
