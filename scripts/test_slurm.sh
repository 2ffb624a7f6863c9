# shellcheck shell=bash
# ./run test --slurm VERSION: the tests inside a Debian root that has this Slurm. The root is made once
# (debootstrap) and kept; the checkout is mounted in it, with a build folder of its own.
# shellcheck source=scripts/packages.sh
source "$ROOT/scripts/packages.sh"

readonly SLURM_ROOTS=${TIDEPOOL_SLURM_ROOTS:-/var/cache/tidepool}
readonly DEBIAN_MIRROR=${TIDEPOOL_DEBIAN_MIRROR:-http://deb.debian.org/debian}
# shellcheck disable=SC2034 # scripts/test.sh
readonly DEFAULT_SLURM_RINGS=(unit contract cluster) # the ring contract: on the simulator only

# suite_of VERSION: the Debian release whose Slurm that is; nothing when none has it.
suite_of() {
  case $1 in
    22.05) echo bookworm ;;
    24.11) echo trixie ;;
  esac
}

slurm_suites() { echo "22.05 (Debian 12) and 24.11 (Debian 13)"; }

# run_on_slurm VERSION ARGUMENT…: ./run test ARGUMENT… in that root. Its exit code.
run_on_slurm() {
  local version=$1 debian=$SLURM_ROOTS/slurm-$1 args=("${@:2}")
  ((EUID == 0)) || die "tests with another Slurm run in a Debian root of their own: run it as root"
  exec 6>"$ROOT/build-slurm-$version.lock"
  flock -n 6 || die "another ./run test --slurm $version runs in this checkout"
  slurm_root_ready "$version" "$debian"
  mkdir -p "$ROOT/build-slurm-$version" "$debian/src"
  say "testing in $debian"
  # Own mounts, processes and network: whatever ends us, nothing of it stays, and its labs and those
  # of the machine do not see (and sweep away) each other.
  local code=0
  unshare --mount --pid --fork --kill-child --net --uts -- \
    bash "$ROOT/scripts/in_root.sh" "$debian" "$ROOT" "$ROOT/build-slurm-$version" \
    /src/run test "${args[@]}" || code=$?
  return "$code"
}

# slurm_root_ready VERSION FOLDER: makes the root, or brings its packages up to what is listed now.
slurm_root_ready() {
  local version=$1 debian=$2 suite log
  suite=$(suite_of "$version")
  mkdir -p "$SLURM_ROOTS"
  exec 5>"$debian.lock"
  flock 5
  log=$debian.log
  if [[ ! -e $debian/etc/debian_version ]]; then
    ensure_installed "debootstrap" debootstrap install debootstrap
    say "making a Debian root ($suite) in $debian (minutes; log: $log)"
    rm -rf "$debian.new"
    debootstrap --variant=minbase "$suite" "$debian.new" "$DEBIAN_MIRROR" >"$log" 2>&1 || {
      show_end "$log" 20
      die "debootstrap failed: $log"
    }
    printf '#!/bin/sh\nexit 101\n' >"$debian.new/usr/sbin/policy-rc.d" # no service starts in there
    chmod 755 "$debian.new/usr/sbin/policy-rc.d"
    mv "$debian.new" "$debian"
  fi
  if ! cmp -s "$CONTROL" "$debian/control.installed"; then
    say "installing Build-Depends in $debian (minutes; log: $log)"
    install -D -m 644 "$CONTROL" "$debian/tmp/tidepool/debian/control"
    unshare --mount --pid --fork --kill-child -- \
      bash "$ROOT/scripts/in_root.sh" "$debian" '' '' sh -c 'apt-get update &&
        DEBIAN_FRONTEND=noninteractive apt-get -y --no-install-recommends build-dep /tmp/tidepool' \
      >>"$log" 2>&1 || {
      show_end "$log" 20
      die "the packages could not be installed in $debian: $log"
    }
    cp "$CONTROL" "$debian/control.installed"
  fi
  exec 5>&-
}
