# shellcheck shell=bash
# The Debian packages that building and testing need: Build-Depends of packaging/debian/control, the
# only list there is; but for the real OpenStack services, which few want: tests/openstack/packages.

[[ -z ${CONTROL-} ]] || return 0 # sourced already
readonly CONTROL=$ROOT/packaging/debian/control
readonly POLICY=/usr/sbin/policy-rc.d

# One name a line, no versions, no restrictions; of alternatives (a | b) the one that is installed, else
# the first.
package_names() {
  local line name names=()
  local -A installed=()
  while read -r name; do [[ -z $name ]] || installed[$name]=yes; done < <(installed_packages)
  while IFS= read -r line; do
    read -r -a names <<<"${line//|/ }"
    for name in "${names[@]}"; do
      if [[ ${installed[$name]-} ]]; then
        echo "$name"
        continue 2
      fi
    done
    echo "${names[0]}"
  done < <(awk '/^Build-Depends:/ { on = 1; sub(/^[^:]*:/, "") }
       on && /^[^ \t#]/ && !/^[a-z0-9]/ { exit }
       on' "$CONTROL" | sed 's/#.*//' | tr ',' '\n' |
    sed 's/([^)]*)//g; s/\[[^]]*\]//g; s/<[^>]*>//g; s/:any//g; /^[[:space:]]*$/d')
}

# listed_names FILE: the names in a plain list, one a line, # before a comment.
listed_names() { sed 's/#.*//; s/[[:space:]]//g; /^$/d' "$1"; }

missing_packages() { missing_of "$(package_names)"; }

# missing_of NAMES: which of these packages, one a line, are not installed.
missing_of() {
  [[ $1 ]] || die "no packages in the list"
  comm -13 <(installed_packages) <(sort -u <<<"$1")
}

# Also what packages provide: debhelper-compat is a virtual one of debhelper.
installed_packages() {
  dpkg-query -W -f '${db:Status-Status} ${Package}, ${Provides}\n' 2>/dev/null |
    sed -n 's/^installed //p' | tr ',' '\n' | sed 's/(.*//; s/[[:space:]]//g' | sort -u
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
  ensure_installed "$CONTROL (Build-Depends)" "$(package_names)" build-dep "$ROOT/packaging"
}

# ensure_listed FILE: the same with a plain list. Services that come with it do not start at the
# machine's next boot either.
ensure_listed() {
  local names before
  names=$(listed_names "$1")
  [[ -n $(missing_of "$names") ]] || return 0
  before=$(installed_packages)
  # shellcheck disable=SC2086 # a word each
  ensure_installed "$1" "$names" install $names
  disable_services < <(comm -13 <(echo "$before") <(installed_packages))
}

# ensure_installed LIST NAMES APT-ARGUMENT…
ensure_installed() {
  local list=$1 names=$2 missing log
  shift 2
  command -v dpkg-query >/dev/null || die "this is not a Debian system: install what \
$list has by hand, then use cmake --preset dev"
  missing=$(missing_of "$names")
  [[ -n $missing ]] || return 0
  say "installing packages: ${missing//$'\n'/ }"
  ((EUID == 0)) || command -v sudo >/dev/null ||
    die "they need root: run as root once, or install sudo"
  log=$(mktemp)
  (
    trap 'exit 130' INT TERM
    forbid_services
    # Package lists may be missing or old: fetched only when the first try fails.
    apt "$@" >"$log" 2>&1 || { apt update >>"$log" 2>&1 && apt "$@" >>"$log" 2>&1; }
  ) || {
    show_end "$log" 30
    rm -f "$log"
    die "apt-get could not install them (its words are above)"
  }
  rm -f "$log"
  missing=$(missing_of "$names")
  [[ -z $missing ]] || die "still missing after installation: ${missing//$'\n'/ }"
}

# disable_services <PACKAGES: policy-rc.d keeps a service from starting now, but the package has
# enabled it for the next boot.
disable_services() {
  local packages=() units=()
  mapfile -t packages
  ((${#packages[@]} > 0)) || return 0
  # Virtual packages are among the names; dpkg-query has no files of those.
  mapfile -t units < <(dpkg-query -L "${packages[@]}" 2>/dev/null |
    sed -nE 's,^(/usr)?/lib/systemd/system/([^/@]+\.(service|socket))$,\2,p' | sort -u)
  ((${#units[@]} > 0)) || return 0
  as_root systemctl disable --quiet "${units[@]}" 2>/dev/null || true
}
