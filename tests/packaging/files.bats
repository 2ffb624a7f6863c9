#!/usr/bin/env bats
# What packages bring, without building any: the files that an installation of the build makes, the lists
# of both packagings, the version, users and folders, completion, the source tarball.

bats_require_minimum_version 1.5.0

setup_file() {
  ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
  BIN=${TIDEPOOL_BIN:-$ROOT/build/bin}
  BUILD=$(dirname "$BIN")
  VERSION=$(sed -n 's/^project(tidepool VERSION \([0-9.]*\).*/\1/p' "$ROOT/CMakeLists.txt")
  TREE=$BATS_FILE_TMPDIR/tree
  export ROOT BIN BUILD VERSION TREE
  DESTDIR=$TREE cmake --install "$BUILD" --prefix /usr >"$BATS_FILE_TMPDIR/install.log"
}

# A build with sanitizers has none.
need_plugins() { [ -n "$(find "$TREE" -name spank_tidepool.so)" ] || skip "this build has no Slurm plugins"; }

installed() { (cd "$TREE" && find . \( -type f -o -type l \) -printf '%P\n' | sort); }

# matched LIST-OF-PATTERNS: each installed file with how many of the patterns (whole paths) match it.
matched() {
  local file pattern count
  while IFS= read -r file; do
    count=0
    while IFS= read -r pattern; do
      # shellcheck disable=SC2053 # a pattern
      [[ $file != $pattern ]] || count=$((count + 1))
    done <"$1"
    echo "$count $file"
  done < <(installed)
}

# Every file is in one package, and every pattern is of use.
exactly_once() {
  local bad=0 pattern
  matched "$1" | grep -v '^1 ' && bad=1
  while IFS= read -r pattern; do
    installed | (while IFS= read -r file; do
      # shellcheck disable=SC2053
      [[ $file != $pattern ]] || exit 0
    done; exit 1) || { echo "nothing installed matches $pattern"; bad=1; }
  done <"$1"
  return "$bad"
}

@test "what is installed is in one of the .debs, and only in one" {
  need_plugins
  # The build installs where this Debian's Slurm has its plugins, units below /usr.
  cat "$ROOT"/packaging/debian/*.install | grep -v '^packaging/' | sed 's/^{usr\/,}lib/usr\/lib/' >"$BATS_TEST_TMPDIR/patterns"
  exactly_once "$BATS_TEST_TMPDIR/patterns"
}

@test "what is installed is in one of the RPMs, and only in one" {
  need_plugins
  awk '/^%files/ { on = 1; next } /^%changelog/ { on = 0 } on' "$ROOT/packaging/rpm/tidepool.spec.in" |
    grep -vE '^(%dir|%doc|%license|#|$)|%_?\{?_sysconfdir' |
    sed 's/^%config([a-z]*) //; s|%{_sbindir}|usr/sbin|; s|%{_libexecdir}|usr/libexec|; s|%{_datadir}|usr/share|
      s|%{_mandir}|usr/share/man|; s|%{_docdir}|usr/share/doc|; s|%{_unitdir}|usr/lib/systemd/system|
      s|%{_sysusersdir}|usr/lib/sysusers.d|; s|%{_tmpfilesdir}|usr/lib/tmpfiles.d|
      s|%{_libdir}/slurm/|usr/lib/*/slurm-wlm/|; s|/examples$|/examples/*|' >"$BATS_TEST_TMPDIR/patterns"
  run ! grep '%' "$BATS_TEST_TMPDIR/patterns"
  exactly_once "$BATS_TEST_TMPDIR/patterns"
}

@test "programs, pages, units and plugins are installed where documents and Slurm look for them" {
  need_plugins
  local file
  for file in sbin/tidepool libexec/tidepool/tidepool-{resume,suspend,resume-fail} \
    share/man/man8/{tidepool,tidepool-resume,spank_tidepool}.8 share/man/man5/tidepool.yaml.5 \
    lib/systemd/system/tidepool{,-standin}.service share/tidepool/guest/README.md; do
    [ -e "$TREE/usr/$file" ] || { echo "no $file"; false; }
  done
  # slurm.conf's lines name the hooks there.
  grep -qx 'ResumeProgram=/usr/libexec/tidepool/tidepool-resume' "$TREE/usr/share/doc/tidepool/examples/tidepool.conf"
  # What the documents show of examples exists.
  while read -r file; do
    [ -e "$TREE$file" ] || { echo "no $file"; false; }
  done < <(grep -ohE '/usr/share/doc/tidepool[^ ]*/examples/[a-z-]+\.[a-z]+' "$ROOT"/docs/*.md | sort -u)
}

@test "nothing that is installed may be written by others or runs as another user" {
  run -0 find "$TREE" -type f -perm /7022
  [ -z "$output" ]
  run -0 find "$TREE/usr/sbin" "$TREE/usr/libexec" -type f ! -perm 755
  [ -z "$output" ]
}

@test "the user is made where there is none, and left alone where there is one" {
  local root=$BATS_TEST_TMPDIR/root
  mkdir -p "$root/etc"
  systemd-sysusers --root="$root" "$TREE/usr/lib/sysusers.d/tidepool.conf"
  grep -qE '^slurm:[^:]*:64030:64030:Slurm workload manager:/nonexistent:/.*nologin$' "$root/etc/passwd"
  grep -qE '^slurm:[^:]*:64030:' "$root/etc/group"
  printf 'root:x:0:0::/root:/bin/sh\nslurm:x:991:992:ours:/srv:/bin/sh\n' >"$root/etc/passwd"
  printf 'root:x:0:\nslurm:x:992:\n' >"$root/etc/group"
  cp "$root/etc/passwd" "$BATS_TEST_TMPDIR/passwd"
  systemd-sysusers --root="$root" "$TREE/usr/lib/sysusers.d/tidepool.conf"
  cmp "$root/etc/passwd" "$BATS_TEST_TMPDIR/passwd"
}

@test "state and log folders are made, SlurmUser's, and closed to others" {
  local root=$BATS_TEST_TMPDIR/root
  [ "$EUID" -eq 0 ] || skip "needs root, to give folders away"
  mkdir -p "$root/etc" "$root/var/lib" "$root/var/log"
  printf 'root:x:0:0::/root:/bin/sh\nslurm:x:991:992::/:/bin/sh\n' >"$root/etc/passwd"
  printf 'root:x:0:\nslurm:x:992:\n' >"$root/etc/group"
  systemd-tmpfiles --create --root="$root" "$TREE/usr/lib/tmpfiles.d/tidepool.conf"
  [ "$(stat -c '%u %g %a' "$root/var/lib/tidepool")" = "991 992 700" ]
  [ "$(stat -c '%u %g %a' "$root/var/log/tidepool")" = "991 992 750" ]
}

# The unit would make the same folders: they must not differ, or each start would change them back.
@test "unit and tmpfiles agree about the folders" {
  local kind where
  for kind in State:lib Logs:log; do
    where=${kind#*:}
    [ "$(sed -n "s/^${kind%:*}Directory=//p" "$ROOT/etc/tidepool.service")" = tidepool ]
    [ "$(sed -n "s/^${kind%:*}DirectoryMode=//p" "$ROOT/etc/tidepool.service")" = \
      "$(awk -v path="/var/$where/tidepool" '$2 == path { print $3 }' "$ROOT/packaging/tmpfiles/tidepool.conf")" ]
  done
}

@test "the version is written in one place" {
  [[ $VERSION =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]]
  [ "$("$BIN/tidepool" --version)" = "$VERSION" ]
  run -0 grep -rlF "$VERSION" "$ROOT/packaging" "$ROOT/cmake" "$ROOT/etc" "$ROOT/scripts" "$ROOT/run" "$ROOT/CMakeLists.txt"
  [ "$output" = "$ROOT/CMakeLists.txt" ]
}

@test "the source tarball is the same bytes twice, has the version, and nothing of the build" {
  local one=$BATS_TEST_TMPDIR/one two=$BATS_TEST_TMPDIR/two
  "$ROOT/run" package source --output "$one"
  (umask 077 && "$ROOT/run" package source --output "$two")
  cmp "$one/tidepool-$VERSION.tar.gz" "$two/tidepool-$VERSION.tar.gz"
  tar -C "$one" -xf "$one/tidepool-$VERSION.tar.gz"
  cd "$one/tidepool-$VERSION"
  grep -qx "Version: *$VERSION" tidepool.spec
  run ! grep -n '@[A-Z]*@' tidepool.spec
  [[ $(head -n 1 packaging/debian/changelog) == "tidepool ($VERSION) "* ]]
  [ -x run ]
  run -0 find . \( -name build -o -name out -o -name .git -o -name '*.log' \)
  [ -z "$output" ]
}

# Both plugins' own words (spank_tidepool(8)): built for one release of Slurm.
@test "the packages with the plugins ask for the release of Slurm that they were built for" {
  # shellcheck disable=SC2016 # debhelper's words
  grep -qF 'Depends: ${misc:Depends}, ${shlibs:Depends}, ${slurm:Depends}' "$ROOT/packaging/debian/control"
  grep -qF "(>= \$(SLURM)), \$(SLURM_PACKAGE) (<< \$(NEXT_SLURM)~)" "$ROOT/packaging/debian/rules"
  grep -qxF 'Requires:       slurm >= %{slurm_version}, slurm < %{slurm_next}~' "$ROOT/packaging/rpm/tidepool.spec.in"
}

@test "no scriptlet touches a file of Slurm's, enables or starts anything" {
  run ! grep -nE '/etc/slurm|systemctl +(enable|start|restart)' "$ROOT"/packaging/debian/*.postrm "$ROOT/packaging/rpm/tidepool.spec.in"
  grep -qE 'dh_installsystemd .*--no-enable --no-start .* tidepool\.service$' "$ROOT/packaging/debian/rules"
  grep -qE 'dh_installsystemd .*--no-enable --no-start .* tidepool-standin\.service$' "$ROOT/packaging/debian/rules"
  # Where the RPM's own macros are: what they would do at a first installation is the preset's affair.
  run ! grep -n 'systemd_postun_with_restart.*standin' "$ROOT/packaging/rpm/tidepool.spec.in"
}

@test "the pool file in docs/install.md is the example that is installed" {
  diff <(awk '/^```yaml$/ { on = 1; text = ""; next } /^```$/ { if (on && text ~ /^cluster:/) printf "%s", text; on = 0 } on { text = text $0 "\n" }' \
    "$ROOT/docs/install.md") <(sed '/^#/d' "$ROOT/etc/tidepool.yaml" | cat -s | sed '1{/^$/d}')
}
