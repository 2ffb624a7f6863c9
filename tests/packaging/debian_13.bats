#!/usr/bin/env bats
# By name only: builds the .debs in a Debian 13 root and runs the tests of holds there, fifteen minutes.
# Time limit: 5400 s
# The same sources on Debian 13, with Slurm 24.11: the .debs are built there, installed, and the tests of
# holds and of what jobs may ask for run on the installed programs and plugins, in their installed places.
# And what is built for one Slurm meets the other. TIDEPOOL_PACKAGES_13=FOLDER takes .debs that are there.

# What stands in single quotes is for dpkg-query or another shell.
# shellcheck disable=SC2016
bats_require_minimum_version 1.5.0
load root

setup_file() {
  ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
  BIN=${TIDEPOOL_BIN:-$ROOT/build/bin}
  GUEST=$BATS_FILE_TMPDIR/root
  BUILD=$ROOT/build-slurm-24.11
  KEPT=${TIDEPOOL_SLURM_ROOTS:-/var/cache/tidepool}/slurm-24.11
  export ROOT BIN GUEST BUILD
  [ "$EUID" -eq 0 ] || { echo "needs root" >&2; return 1; }
  PACKAGES=${TIDEPOOL_PACKAGES_13-}
  if [[ ! $PACKAGES ]]; then
    PACKAGES=$BATS_FILE_TMPDIR/packages
    "$ROOT/run" package deb --slurm 24.11 --output "$PACKAGES" >&2
  fi
  export PACKAGES
  [ -e "$KEPT/etc/debian_version" ] || { echo "no $KEPT: ./run package deb --slurm 24.11 makes it" >&2; return 1; }
  cp -a "$KEPT" "$GUEST"
  install -m 644 -t "$GUEST/tmp" "$PACKAGES"/tidepool_*.deb "$PACKAGES"/tidepool-slurm-plugins_*.deb
  # The simulator is the tests' and in no package.
  mkdir -p "$BUILD"
  inside 'cmake -S . --preset dev >/tmp/cmake.log && cmake --build build -j "$(nproc)" --target tidepool-sim >>/tmp/cmake.log' >&2
}

# inside SCRIPT: in the root, with the checkout at /src, no network, and nothing of the machine's processes. The
# shell stays, as the first process: who is nobody's child any more is its child, and it buries them.
inside() {
  unshare --mount --pid --fork --kill-child --net --uts -- \
    bash "$ROOT/scripts/in_root.sh" "$GUEST" "$ROOT" "$BUILD" /bin/bash -c "cd /src; $1; exit"
}

# passes FILE…: bats files of ring cluster, on what is installed.
passes() {
  run inside "TIDEPOOL_BIN=/opt/installed/bin bats --timing $*"
  echo "$output"
  [ "$status" -eq 0 ]
  [[ $output != *"# skip"* ]]
}

@test "the .debs install, beside Slurm 24.11" {
  [[ $(in_root "$GUEST" dpkg-query -W -f '${Version}' slurmctld) == 24.11.* ]]
  in_root "$GUEST" sh -c 'dpkg -i /tmp/tidepool_*.deb /tmp/tidepool-slurm-plugins_*.deb'
  run -0 in_root "$GUEST" dpkg --verify tidepool tidepool-slurm-plugins
  [ -z "$output" ]
  [ "$(in_root "$GUEST" stat -c '%U %G %a' /var/lib/tidepool)" = "slurm slurm 700" ]
  # What is not a file of the packages leads to them; the lab uses them where they are.
  in_root "$GUEST" sh -c 'mkdir -p /opt/installed/bin /opt/installed/plugins && cd /opt/installed &&
    ln -s /usr/sbin/tidepool /usr/libexec/tidepool/tidepool-* bin/ && ln -s /usr/lib/*/slurm-wlm/*_tidepool.so plugins/'
  install -m 755 "$BUILD/bin/tidepool-sim" "$GUEST/opt/installed/bin/"
}

@test "what jobs may ask for: tests/cluster/options.bats, with the installed plugins" { passes tests/cluster/options.bats; }
@test "holds: tests/cluster/hold.bats" { passes tests/cluster/hold.bats; }
@test "every mode: tests/cluster/hold_modes.bats" { passes tests/cluster/hold_modes.bats; }
@test "what Slurm does meanwhile: tests/cluster/hold_slurm.bats" { passes tests/cluster/hold_slurm.bats; }

# A SPANK plugin that Slurm cannot use is left out (plugstack.conf says optional); a job submit plugin
# that it cannot use keeps slurmctld from starting, so it is the packages' business to prevent it.
@test "plugins that were built for 22.05: 24.11 refuses them and says why, and jobs run" {
  [ -e "$BIN/../plugins/spank_tidepool.so" ] || skip "this build has no Slurm plugins"
  # In the lab's own folder, one after another; Slurm would go on to good ones beside its own.
  in_root "$GUEST" sh -c 'mkdir -p /opt/other /opt/plain/plugins && cp -a /opt/installed/bin /opt/plain/ &&
    mv /usr/lib/*/slurm-wlm/*_tidepool.so /opt/plain/plugins/'
  install -m 644 -t "$GUEST/opt/other" "$BIN"/../plugins/*_tidepool.so
  run inside 'TIDEPOOL_BIN=/opt/plain/bin OTHER_PLUGINS=/opt/other bats tests/cluster/other_plugins.bats'
  echo "$output"
  [ "$status" -eq 0 ]
  [[ $output != *"# skip"* ]]
}

@test "neither Debian's apt installs the other's plugins" {
  local old=$BATS_TEST_TMPDIR/old upstream
  upstream=$(in_root "$GUEST" dpkg-query -W -f '${source:Upstream-Version}' libslurm-dev)
  [[ $(dpkg-deb -f "$PACKAGES"/tidepool-slurm-plugins_*.deb Depends) == *"slurm-wlm-basic-plugins (>= $upstream), slurm-wlm-basic-plugins (<< ${upstream%.*}.$((${upstream##*.} + 1))~)"* ]]
  # Debian 13's into Debian 12 with its 22.05.
  root_make "$old"
  install -m 644 -t "$old/tmp" "$PACKAGES"/tidepool-slurm-plugins_*.deb
  run in_root "$old" sh -c 'apt-get -s install --no-install-recommends /tmp/tidepool-slurm-plugins_*.deb 2>&1'
  echo "$output"
  [ "$status" -ne 0 ]
  grep -qE 'Depends: slurm-wlm-basic-plugins \(>= 24\.11' <<<"$output"
  # One that says 22.05 into Debian 13 with its 24.11.
  dpkg-deb -R "$PACKAGES"/tidepool-slurm-plugins_*.deb "$BATS_TEST_TMPDIR/repacked"
  sed -i "s/$upstream/22.05.8/; s/24\.11\.[0-9]*~/22.05.9~/" "$BATS_TEST_TMPDIR/repacked/DEBIAN/control"
  grep -q 'basic-plugins (>= 22\.05\.8), slurm-wlm-basic-plugins (<< 22\.05\.9~)' "$BATS_TEST_TMPDIR/repacked/DEBIAN/control"
  dpkg-deb --root-owner-group -b "$BATS_TEST_TMPDIR/repacked" "$GUEST/tmp/repacked.deb"
  run in_root "$GUEST" sh -c 'apt-get -s install --no-install-recommends /tmp/repacked.deb 2>&1'
  echo "$output"
  [ "$status" -ne 0 ]
  grep -qE 'Depends: slurm-wlm-basic-plugins \(<+ 22\.05' <<<"$output"
}
