# shellcheck shell=bash
# ./run package: source tarball, .debs and RPMs, the same bytes from the same sources.
# shellcheck source=scripts/packages.sh
source "$ROOT/scripts/packages.sh"
# shellcheck source=scripts/format.sh
source "$ROOT/scripts/format.sh"
# shellcheck source=scripts/test_slurm.sh
source "$ROOT/scripts/test_slurm.sh"

help_package() {
  cat <<'END'
Usage: ./run package [source|deb|rpm]… [--output FOLDER]
       ./run package deb --slurm VERSION [--output FOLDER]

Makes packages in FOLDER (default: out), all kinds when none is named:
  source  tidepool-VERSION.tar.gz, enough by itself for rpmbuild -ta
  deb     tidepool and tidepool-slurm-plugins for this Debian and its Slurm
  rpm     the same as RPMs, and the source RPM; with Debian's rpm, so for a look and for tests: those for
          an EL machine are built there from the source tarball or the source RPM

--slurm 24.11 makes the .debs for that Slurm and its Debian, in a root of its own that is made once
(minutes, 2 GB in /var/cache/tidepool; needs root); FOLDER is then out/slurm-24.11.

The version is that of CMakeLists.txt. Files get the time in SOURCE_DATE_EPOCH (default: the last commit's),
and building twice gives the same bytes. Installs packaging/tools when something of it is missing.
END
}

run_package() {
  local kinds=() output='' slurm='' kind
  while (($#)); do
    case $1 in
      -h | --help) help_package; return ;;
      --output)
        need_value "$1" $# "./run package --help"
        output=$2
        shift
        ;;
      --slurm)
        need_value "$1" $# "./run package --help"
        [[ $(suite_of "$2") ]] || wrong_usage "--slurm $2: only $(slurm_suites)" "./run package --help"
        slurm=$2
        shift
        ;;
      source | deb | rpm) kinds+=("$1") ;;
      *) wrong_usage "unknown argument '$1'" "./run package --help" ;;
    esac
    shift
  done
  if [[ $slurm && ${kinds[*]-deb} != deb ]]; then
    wrong_usage "--slurm is for .debs alone" "./run package --help"
  fi
  if [[ $slurm ]]; then
    kinds=(deb_elsewhere)
    ((EUID == 0)) || die "the .debs for another Slurm are built in a Debian root: run it as root"
  fi
  ((${#kinds[@]} > 0)) || kinds=(source deb rpm)
  output=${output:-$ROOT/out${slurm:+/slurm-$slurm}}
  if [[ ${kinds[*]} != source && ! $slurm ]]; then
    ensure_packages
    ensure_listed "$ROOT/packaging/tools"
  fi
  mkdir -p "$output"
  output=$(cd "$output" && pwd)
  VERSION=$(project_version)
  SOURCE_DATE_EPOCH=$(package_time)
  export SOURCE_DATE_EPOCH
  WORK=$(mktemp -d)
  trap 'rm -rf "$WORK"' EXIT
  make_source "$WORK"
  for kind in "${kinds[@]}"; do "package_$kind" "$output" "$slurm"; done
}

project_version() { sed -n 's/^project(tidepool VERSION \([0-9.]*\).*/\1/p' "$ROOT/CMakeLists.txt"; }

# package_time: seconds since the epoch. A tarball has no commits; its files have that time already.
package_time() {
  if [[ ${SOURCE_DATE_EPOCH-} ]]; then
    echo "$SOURCE_DATE_EPOCH"
  else
    git -C "$ROOT" log -1 --format=%ct 2>/dev/null || stat -c %Y "$ROOT/CMakeLists.txt"
  fi
}

# make_source FOLDER: the tarball, and what it has unpacked beside it.
make_source() {
  local name=tidepool-$VERSION tree
  tree=$1/$name
  mkdir "$tree"
  # What a checkout without its git (another user's) would add is left out too.
  source_files | grep -vE '^(\.git/|out/|debian/|tidepool\.spec$|packaging/debian/changelog$)|\.log$' |
    (cd "$ROOT" && while IFS= read -r file; do [[ ! -e $file ]] || printf '%s\n' "$file"; done) |
    tar -C "$ROOT" -c --files-from=- | tar -C "$tree" -x
  # The version is written once, in CMakeLists.txt: these two are made of it.
  sed "s/@VERSION@/$VERSION/; s/@DATE@/$(LC_ALL=C date -u -d "@$SOURCE_DATE_EPOCH" '+%a %b %d %Y')/" \
    "$ROOT/packaging/rpm/tidepool.spec.in" >"$tree/tidepool.spec"
  cat >"$tree/packaging/debian/changelog" <<END
tidepool ($VERSION) unstable; urgency=medium

  * See CHANGELOG.md.

 -- $(sed -n 's/^Maintainer: //p' "$CONTROL")  $(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")
END
  tar -C "$1" -c --format=ustar --sort=name --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX \
    --mtime="@$SOURCE_DATE_EPOCH" "$name" | gzip -9n >"$1/$name.tar.gz"
}

package_source() {
  install -m 644 "$WORK/tidepool-$VERSION.tar.gz" "$1"
  say "source: $1/tidepool-$VERSION.tar.gz"
}

# All build what the tarball has, not what lies in the checkout.
package_deb() {
  deb_tree
  build_debs "$1" env -C "$WORK/deb/tidepool-$VERSION"
}

# package_deb_elsewhere OUTPUT SLURM: in the Debian root of that Slurm; without a network.
package_deb_elsewhere() {
  local debian=$SLURM_ROOTS/slurm-$2
  slurm_root_ready "$2" "$debian"
  deb_tree
  mkdir -p "$WORK/deb/build" "$WORK/build" "$debian/src"
  build_debs "$1" unshare --mount --pid --fork --kill-child --net --uts -- \
    bash "$ROOT/scripts/in_root.sh" "$debian" "$WORK/deb" "$WORK/build" \
    env -C "/src/tidepool-$VERSION" SOURCE_DATE_EPOCH="$SOURCE_DATE_EPOCH"
}

deb_tree() {
  mkdir "$WORK/deb"
  tar -C "$WORK/deb" -xf "$WORK/tidepool-$VERSION.tar.gz"
  cp -r "$WORK/deb/tidepool-$VERSION/packaging/debian" "$WORK/deb/tidepool-$VERSION/debian"
}

# build_debs OUTPUT COMMAND…: COMMAND runs its arguments where the tree is.
build_debs() {
  local output=$1 log=$1/deb.log
  say "building .debs (minutes; log: $log)"
  "${@:2}" dpkg-buildpackage -us -uc -b >"$log" 2>&1 || {
    show_end "$log" 40
    die "dpkg-buildpackage failed: $log"
  }
  install -m 644 -t "$output" "$WORK"/deb/*.deb "$WORK"/deb/*.changes "$WORK"/deb/*.buildinfo
  say "packages: $(cd "$WORK/deb" && echo *.deb)"
}

# rpm_folder: where RPMs are built. An RPM holds the path of its build, in its flags and its source's
# recipe, so that the same bytes need the same place; one build at a time has it.
RPM_FOLDER=/var/tmp/tidepool-rpmbuild
rpm_folder() {
  exec {rpm_lock}>"$RPM_FOLDER.$EUID.lock"
  flock "$rpm_lock"
  # Of a build that was killed. Anybody else's is not touched.
  [[ -L $RPM_FOLDER || ! -O $RPM_FOLDER ]] || rm -rf "$RPM_FOLDER"
  mkdir -m 700 "$RPM_FOLDER" || die "$RPM_FOLDER is somebody else's"
}

package_rpm() {
  local folder=$RPM_FOLDER log=$1/rpm.log
  rpm_folder
  trap 'rm -rf "$WORK" "$RPM_FOLDER"' EXIT
  cp "$WORK/tidepool-$VERSION.tar.gz" "$folder"
  say "building RPMs (minutes; log: $log)"
  # --nodeps: what is needed is here, under Debian's names.
  rpmbuild --nodeps --load="$ROOT/packaging/rpm/debian.macros" --define "_topdir $folder" \
    --define '_buildhost localhost' --define 'use_source_date_epoch_as_buildtime 1' \
    --define 'clamp_mtime_to_source_date_epoch 1' -ta "$folder/tidepool-$VERSION.tar.gz" >"$log" 2>&1 || {
    show_end "$log" 40
    die "rpmbuild failed: $log"
  }
  install -m 644 -t "$1" "$folder"/RPMS/*/*.rpm "$folder"/SRPMS/*.rpm
  say "packages: $(cd "$folder" && basename -a RPMS/*/*.rpm SRPMS/*.rpm | tr '\n' ' ')"
}
