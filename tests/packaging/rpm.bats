#!/usr/bin/env bats
# By name only: builds the RPMs twice, ten minutes or more.
# Time limit: 5400 s
# The RPMs: built from the source tarball with Debian's rpm and a few macros, installed into an empty root.
# TIDEPOOL_PACKAGES=FOLDER takes those that are there, TIDEPOOL_PACKAGES_AGAIN=FOLDER those of a second build.

bats_require_minimum_version 1.5.0
load root

setup_file() {
  ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
  VERSION=$(sed -n 's/^project(tidepool VERSION \([0-9.]*\).*/\1/p' "$ROOT/CMakeLists.txt")
  export ROOT VERSION
  [ "$EUID" -eq 0 ] || { echo "needs root" >&2; return 1; }
  PACKAGES=$(packages_of rpm)
  MAIN=$(echo "$PACKAGES/tidepool-$VERSION"-1.*64.rpm)
  PLUGINS=$(echo "$PACKAGES/tidepool-slurm-plugins-$VERSION"-1.*64.rpm)
  export PACKAGES MAIN PLUGINS
}

@test "there are two packages and their source" {
  [ -e "$MAIN" ]
  [ -e "$PLUGINS" ]
  [ -e "$PACKAGES/tidepool-$VERSION-1.src.rpm" ]
  [ "$(rpm -qp --qf '%{VERSION}' "$MAIN")" = "$VERSION" ]
}

@test "installed into an empty root, every file is as the package says, root's, and closed to writers" {
  local root=$BATS_TEST_TMPDIR/root
  mkdir "$root"
  rpm --root "$root" --initdb
  rpm --root "$root" --nodeps --noscripts -i "$MAIN" "$PLUGINS"
  run rpm --root "$root" -V --nodeps tidepool tidepool-slurm-plugins
  echo "$output"
  [ "$status" -eq 0 ]
  [ -z "$output" ]
  [ "$(find "$root/usr" "$root/etc" \( ! -user root -o ! -group root -o ! -type l -perm /7022 \) | wc -l)" -eq 0 ]
  [ "$(chroot "$root" /usr/sbin/tidepool --version 2>/dev/null || "$root/usr/sbin/tidepool" --version)" = "$VERSION" ]
  [ -x "$root/usr/libexec/tidepool/tidepool-resume" ]
  [ -e "$root/usr/lib64/slurm/spank_tidepool.so" ]
  grep -q '^u slurm - ' "$root/usr/lib/sysusers.d/tidepool.conf"
}

@test "the plugins ask for the release of Slurm that they were built for, the programs for none" {
  local upstream
  upstream=$(dpkg-query -W -f '${source:Upstream-Version}' libslurm-dev)
  run -0 rpm -qp --requires "$PLUGINS"
  echo "$output"
  grep -qx "slurm >= $upstream" <<<"$output"
  grep -qx "slurm < ${upstream%.*}.$((${upstream##*.} + 1))~" <<<"$output"
  run -0 rpm -qp --requires "$MAIN"
  run ! grep -i slurm <<<"$output"
}

@test "no scriptlet touches a file of others" {
  run -0 rpm -qp --scripts "$MAIN" "$PLUGINS"
  echo "$output"
  # Nothing but systemctl, and that about our own units.
  # shellcheck disable=SC2016 # the scriptlets' own words
  run ! grep -vE '^((post|preun|postun)install( scriptlet \(using /bin/sh\):| program: /bin/sh)|if \[ \$1 -(eq|ge) [01] \] && \[ -x /usr/bin/systemctl \]; then systemctl (--no-reload (preset|disable --now)|try-restart) tidepool\.service( tidepool-standin\.service)? \|\| :; fi)?$' \
    <(grep -vE '^#' <<<"$output")
}

@test "rpmlint finds nothing" {
  run rpmlint --config "$ROOT/packaging/rpm/rpmlint.toml" "$MAIN" "$PLUGINS" "$PACKAGES"/tidepool-*.src.rpm
  echo "$output"
  [ "$status" -eq 0 ]
  [[ $output == *" 0 errors, 0 warnings"* ]]
}

@test "built again, they are the same bytes" {
  same_bytes rpm
}
