#!/usr/bin/env bats
# By name only: builds the .debs twice and makes a Debian root, ten minutes or more.
# Time limit: 5400 s
# The .debs in a clean Debian 12 with its stock Slurm: installed, used as docs/install.md says, purged.
# TIDEPOOL_PACKAGES=FOLDER takes those that are there, TIDEPOOL_PACKAGES_AGAIN=FOLDER those of a second build.

bats_require_minimum_version 1.5.0
load root

setup_file() {
  ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
  BIN=${TIDEPOOL_BIN:-$ROOT/build/bin}
  export ROOT BIN
  [ "$EUID" -eq 0 ] || { echo "needs root" >&2; return 1; }
  PACKAGES=$(packages_of deb)
  GUEST=$BATS_FILE_TMPDIR/root
  export PACKAGES GUEST
  root_make "$GUEST"
  listing >"$BATS_FILE_TMPDIR/before"
  install -m 644 -t "$GUEST/tmp" "$PACKAGES"/tidepool_*.deb "$PACKAGES"/tidepool-slurm-plugins_*.deb
  # The next version, to upgrade to.
  dpkg-deb -R "$PACKAGES"/tidepool_*.deb "$BATS_FILE_TMPDIR/newer"
  sed -i 's/^Version: .*/&+newer/' "$BATS_FILE_TMPDIR/newer/DEBIAN/control"
  dpkg-deb --root-owner-group -b "$BATS_FILE_TMPDIR/newer" "$GUEST/tmp/newer.deb"
}

# What is in the root, with owners and modes, but for what apt and dpkg keep of their own work.
listing() {
  (cd "$GUEST" && find . -xdev \( -path ./proc -o -path ./sys -o -path ./dev -o -path ./run -o -path ./tmp \
    -o -path ./var/lib/dpkg -o -path ./var/cache -o -path ./var/log -o -path ./var/lib/apt \
    -o -path ./var/lib/systemd -o -path ./etc/resolv.conf \) -prune -o -printf '%p %u %g %m\n' | sort)
}

slurm_files() { (cd "$GUEST" && find etc/slurm etc/default -type f -exec sha256sum {} + | sort); }
# deb NAME: its path in the root.
deb() { (cd "$GUEST/tmp" && echo "/tmp/$(echo "$1"_*.deb)"); }
apt_in_root() { in_root "$GUEST" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends "$@"; }

@test "lintian finds nothing" {
  # What we do not follow is in packaging/debian/*.lintian-overrides, with the reason.
  run -0 lintian --allow-root --fail-on error,warning "$PACKAGES"/tidepool_*.deb "$PACKAGES"/tidepool-slurm-plugins_*.deb
  echo "$output"
  [ -z "$output" ]
}

@test "plugins are bound lazily and ask for their release of Slurm" {
  dpkg-deb -x "$PACKAGES"/tidepool-slurm-plugins_*.deb "$BATS_TEST_TMPDIR/x"
  local plugin depends upstream
  for plugin in "$BATS_TEST_TMPDIR"/x/usr/lib/*/slurm-wlm/*.so; do
    run ! grep -qE 'BIND_NOW|NOW' <(readelf -d "$plugin")
  done
  upstream=$(dpkg-query -W -f '${source:Upstream-Version}' libslurm-dev)
  depends=$(dpkg-deb -f "$PACKAGES"/tidepool-slurm-plugins_*.deb Depends)
  echo "$depends"
  [[ $depends == *"slurm-wlm-basic-plugins (>= $upstream), slurm-wlm-basic-plugins (<< ${upstream%.*}.$((${upstream##*.} + 1))~)"* ]]
  run ! grep -q slurm <(dpkg-deb -f "$PACKAGES"/tidepool_*.deb Depends)
}

@test "installing makes user and folders, enables nothing, and leaves Slurm's files alone" {
  slurm_files >"$BATS_TEST_TMPDIR/slurm"
  apt_in_root install "$(deb tidepool)" "$(deb tidepool-slurm-plugins)"
  slurm_files | diff "$BATS_TEST_TMPDIR/slurm" -
  [ "$(in_root "$GUEST" stat -c '%U %G %a' /var/lib/tidepool)" = "slurm slurm 700" ]
  [ "$(in_root "$GUEST" stat -c '%U %G %a' /var/log/tidepool)" = "slurm slurm 750" ]
  [ "$(in_root "$GUEST" stat -c '%U %G %a' /etc/tidepool)" = "root root 755" ]
  run -0 find "$GUEST/etc/systemd/system" -name 'tidepool*'
  [ -z "$output" ]
  run -0 in_root "$GUEST" dpkg --verify tidepool tidepool-slurm-plugins
  [ -z "$output" ]
}

@test "docs/install.md, followed, ends with a job on a server of its own and with plugins loaded; an upgrade hands over" {
  run unshare --mount --pid --fork --kill-child --net --uts -- \
    bash "$ROOT/tests/packaging/first_cluster" "$GUEST" "$BIN/tidepool-sim" "$ROOT/docs/install.md" /tmp/newer.deb
  echo "$output"
  [ "$status" -eq 0 ]
  [[ $output == *"job ran on node-001"* ]]
  [[ $output == *"with the plugins"* ]]
  # An upgrade in the middle of a job: the worker hands over by itself.
  [[ $output == *"handed over"*"job went on"*"job ran on node-002 after the upgrade"* ]]
}

@test "going back keeps the store, and purging leaves nothing but the administrator's files" {
  [ -s "$GUEST/var/lib/tidepool/tidepool.db" ]
  apt_in_root install --allow-downgrades "$(deb tidepool)"
  [ -s "$GUEST/var/lib/tidepool/tidepool.db" ]
  apt_in_root remove tidepool tidepool-slurm-plugins
  [ -s "$GUEST/var/lib/tidepool/tidepool.db" ]
  apt_in_root purge tidepool tidepool-slurm-plugins
  [ ! -e "$GUEST/var/lib/tidepool" ]
  [ ! -e "$GUEST/var/log/tidepool" ]
  rm -rf "$GUEST/etc/tidepool/"{tidepool.yaml,clouds.yaml,job-policy}
  rmdir "$GUEST/etc/tidepool" # ours when dpkg found the administrator's files in it
  # What our packages brought along (systemd and its kin) is not ours; of ours is what has our name.
  run -0 comm -13 "$BATS_FILE_TMPDIR/before" <(listing)
  run ! grep tidepool <(grep -vE '^\./(etc/slurm/tidepool\.conf|var/lib/slurm/) ' <<<"$output")
}

@test "built again, they are the same bytes" {
  same_bytes deb
}
