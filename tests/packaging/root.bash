# A clean Debian root with this Debian's stock Slurm, to install packages into. Sourced by bats files.

# packages_of KIND…: the folder with the packages: TIDEPOOL_PACKAGES if it is set, else built now.
packages_of() {
  if [[ ${TIDEPOOL_PACKAGES-} ]]; then
    echo "$TIDEPOOL_PACKAGES"
    return
  fi
  "$ROOT/run" package "$@" --output "$BATS_FILE_TMPDIR/packages" >&2
  echo "$BATS_FILE_TMPDIR/packages"
}

# same_bytes KIND: built a second time, or TIDEPOOL_PACKAGES_AGAIN's, the packages of KIND (deb, rpm) in
# PACKAGES are the same.
same_bytes() {
  local again=${TIDEPOOL_PACKAGES_AGAIN-} file
  if [[ ! $again ]]; then
    [ -z "${TIDEPOOL_PACKAGES-}" ] || skip "TIDEPOOL_PACKAGES was given, TIDEPOOL_PACKAGES_AGAIN was not"
    again=$BATS_TEST_TMPDIR/again
    "$ROOT/run" package "$1" --output "$again"
  fi
  [ ! "$again" -ef "$PACKAGES" ] || return 1
  for file in "$PACKAGES"/*."$1"; do cmp "$file" "$again/${file##*/}" || return 1; done
}

# root_make FOLDER: a copy of one that is made once and kept.
root_make() {
  local kept=${TIDEPOOL_SLURM_ROOTS:-/var/cache/tidepool}/packages-debian-12
  mkdir -p "$(dirname "$kept")"
  exec 5>"$kept.lock"
  flock 5
  if [[ ! -e $kept ]]; then
    rm -rf "$kept.new"
    debootstrap --variant=minbase bookworm "$kept.new" "${TIDEPOOL_DEBIAN_MIRROR:-http://deb.debian.org/debian}" >&2
    printf '#!/bin/sh\nexit 101\n' >"$kept.new/usr/sbin/policy-rc.d" # no service starts in there
    chmod 755 "$kept.new/usr/sbin/policy-rc.d"
    in_root "$kept.new" apt-get -qq update >&2
    in_root "$kept.new" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install \
      slurmctld slurmd munge iproute2 >&2
    mv "$kept.new" "$kept"
  fi
  cp -a "$kept" "$1"
  exec 5>&-
}

# in_root FOLDER COMMAND…: with the machine's network, and nothing of its processes and mounts.
in_root() {
  unshare --mount --pid --fork --kill-child -- bash "$ROOT/scripts/in_root.sh" "$1" '' '' "${@:2}"
}
