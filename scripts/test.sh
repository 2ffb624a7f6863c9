# shellcheck shell=bash
# ./run test: the rings, their runners, and one count over all of them.
# shellcheck source=scripts/build.sh
source "$ROOT/scripts/build.sh"
# shellcheck source=scripts/test_count.sh
source "$ROOT/scripts/test_count.sh"
# shellcheck source=scripts/test_runners.sh
source "$ROOT/scripts/test_runners.sh"
# shellcheck source=scripts/test_openstack.sh
source "$ROOT/scripts/test_openstack.sh"
# shellcheck source=scripts/test_slurm.sh
source "$ROOT/scripts/test_slurm.sh"
# shellcheck source=scripts/test_contract.sh
source "$ROOT/scripts/test_contract.sh"

# contract and real stand together: they share the services, which then go.
readonly RINGS=(unit contract real cluster packaging fuzz)
readonly ON_REQUEST=(openstack real-long cluster-long packaging-long) # rings that run only when they are named

help_test() {
  cat <<'END'
Usage: ./run test [RING…] [OPTION…]

Rings (all that exist when none is named):
  unit       functions and layers, nothing outside the process; manual pages and ./run itself
  contract   what we take for granted about OpenStack, asked of the simulator and of real services
  real       real Slurm on real OpenStack services (needs root)
  cluster    real slurmctld, slurmd and munged in network namespaces (needs root)
  packaging  what packages bring and say, without building any
  fuzz       hostile input for every parser
Only when named:
  openstack  the bringing up of the OpenStack services itself: half an hour
  real-long, cluster-long, packaging-long
             files of those rings that take long or need much ("# By name only: why");
             packaging-long builds packages, installs and removes them (needs root)

Rings contract and real need real OpenStack services: keystone, placement, glance, neutron and nova,
which are installed (330 packages, 2 minutes or more), come up on loopback beside the build, and go in
the end. Where the packages cannot be installed, the summary says what was SKIPPED.

Options:
  --filter RE                   only tests whose name matches
  --file NAME                   only this bats file: mixed, or mixed.bats
  --preset dev|asan|tsan|release  which build to test (default dev)
  --cloud both|sim|openstack    ring contract on which cloud (default both); sim: no real
                                services are brought up, and ring real is left out
  --slurm VERSION               which Slurm (default: the installed one); another one, 24.11, is
                                tested in a Debian root of its own, which is made once (minutes,
                                2 GB in /var/cache/tidepool)
  --list                        name the test files of each ring and stop

Every file's whole output is kept in build/test-logs. The last line is the sum:
"N passed, N failed, N skipped". Exit code: 0 all passed, 1 one failed or none ran, 2 wrong usage.
END
}

run_test() {
  local rings=() filter='' preset=dev list='' cloud=both only_file='' slurm='' given=("$@")
  while (($#)); do
    case $1 in
      -h | --help) help_test; return ;;
      --filter | --preset | --cloud | --slurm | --file)
        need_value "$1" $# "./run test --help"
        test_option "$1" "$2"
        shift
        ;;
      --list) list=yes ;;
      -*) wrong_usage "unknown option '$1'" "./run test --help" ;;
      *)
        [[ " ${RINGS[*]} ${ON_REQUEST[*]} " == *" $1 "* ]] || wrong_usage "unknown ring '$1'" "./run test --help"
        rings+=("$1")
        ;;
    esac
    shift
  done
  local dir ring
  dir=$(build_dir "$preset")
  # A ring that was asked for and has nothing is an answer before the build, not after it.
  for ring in ${rings[@]+"${rings[@]}"}; do
    ring_exists "$ring" || wrong_usage "this version has no tests in ring $ring" "./run test --list"
    [[ $ring != cluster* && $ring != real* || $EUID == 0 ]] ||
      die "ring $ring makes network namespaces: run it as root"
    [[ $ring != real* || $cloud != sim ]] || wrong_usage "ring $ring needs a real cloud, not --cloud sim" "./run test --help"
  done
  if [[ $slurm && $(slurmctld_version) != "$slurm"* && -z $list ]]; then
    ((${#rings[@]} > 0)) || given+=("${DEFAULT_SLURM_RINGS[@]}")
    # Its own packages of OpenStack would be another release's, which is another question.
    run_on_slurm "$slurm" "${given[@]}" --cloud sim
    return
  fi
  if [[ $list ]]; then
    list_rings ${rings[@]+"${rings[@]}"}
    return
  fi
  [[ $cloud != openstack || ${rings[*]} == contract ]] ||
    wrong_usage "--cloud openstack is for ring contract alone" "./run test --help"
  ((${#rings[@]} > 0)) || mapfile -t rings < <(existing_rings)
  case $cloud in
    sim) CLOUD_SIDES=simulator ;;
    openstack) CLOUD_SIDES=real ;;
    both) CLOUD_SIDES='simulator real' ;;
  esac
  ensure_packages
  if need_cloud "${rings[@]}"; then cloud_begin; fi
  if [[ " ${rings[*]} " == *" openstack "* ]]; then ensure_listed "$ROOT/tests/openstack/packages"; fi
  build_targets "$preset"
  prepare_logs "$dir"
  local i begun
  TIMES="before the rings (packages, build) $SECONDS s"
  for ((i = 0; i < ${#rings[@]}; i++)); do
    begun=$SECONDS
    run_ring "${rings[i]}" "$dir" "$filter"
    # As a clock has it: what ran side by side counts once.
    SECONDS_OF[${rings[i]}]=$((SECONDS - begun))
    # The services make room for the rest.
    need_cloud "${rings[@]:i+1}" || end_cloud_of "${rings[i]}"
  done
  TIMES+=", in all $SECONDS s"
  print_sums "${rings[@]}"
}

# need_cloud RING…: one of them needs the real services.
need_cloud() {
  local ring
  for ring in "$@"; do
    case $ring in
      contract) [[ $CLOUD_SIDES != *real* ]] || return 0 ;;
      real | real-long) [[ $CLOUD_SIDES != *real* || $EUID != 0 ]] || return 0 ;;
    esac
  done
  return 1
}

# end_cloud_of RING: a failure of it when they do not go.
end_cloud_of() { cloud_end || report "$1" "OpenStack services go" 0 1 0 1 0; }

# test_option OPTION VALUE: sets run_test's variables.
test_option() {
  case $1=$2 in
    --filter=*) filter=$2 ;;
    --preset=dev | --preset=asan | --preset=tsan | --preset=release) preset=$2 ;;
    --preset=*) wrong_usage "unknown preset '$2'" "./run test --help" ;;
    --file=*) only_file=${2##*/} only_file=${only_file%.bats} ;;
    --cloud=sim | --cloud=openstack | --cloud=both) cloud=$2 ;;
    --cloud=*) wrong_usage "unknown cloud '$2'" "./run test --help" ;;
    --slurm=*)
      slurm=$2
      [[ $(suite_of "$slurm") || $slurm == "$(slurmctld_version)"* ]] ||
        wrong_usage "no Debian release that we know of has Slurm '$slurm'; $(slurm_suites) have" \
          "./run test --help"
      ;;
  esac
}

# Of the installed slurmctld; nothing when there is none.
slurmctld_version() { dpkg-query -W -f '${Version}' slurmctld 2>/dev/null | sed 's/-.*//' || true; }

# The bats files of a ring, one a line. Its GoogleTest programs carry the ring as a ctest label.
bats_files() {
  local folders=() file
  case $1 in
    unit) folders=(tests/unit) ;;
    contract) folders=(tests/contract tests/simulator) ;;
    cluster) folders=(tests/lab tests/cluster) ;;
    real-long | cluster-long | packaging-long) folders=("tests/${1%-long}") ;;
    *) folders=("tests/$1") ;;
  esac
  while IFS= read -r file; do
    if [[ ${only_file-} ]]; then
      [[ $(basename "$file" .bats) != "$only_file" ]] || echo "$file"
      continue
    fi
    case $1 in
      real | cluster | packaging) ! bats_line "$file" 'By name only' >/dev/null || continue ;;
      real-long | cluster-long | packaging-long) bats_line "$file" 'By name only' >/dev/null || continue ;;
    esac
    echo "$file"
  done < <(cd "$ROOT" && find "${folders[@]}" -name '*.bats' 2>/dev/null | sort)
}

# With --file only bats files are meant.
has_ctest() { [[ -e $ROOT/tests/$1/CMakeLists.txt && -z ${only_file-} ]]; }
ring_exists() { has_ctest "$1" || [[ -n $(bats_files "$1") ]]; }

existing_rings() {
  local ring
  for ring in "${RINGS[@]}"; do
    if ring_exists "$ring"; then echo "$ring"; else say "ring $ring: none in this version"; fi
  done
}

list_rings() {
  local ring
  for ring in "${@:-${RINGS[@]}}"; do
    echo "$ring:"
    if has_ctest "$ring"; then echo "  tests/$ring (GoogleTest)"; fi
    bats_files "$ring" | sed 's/^/  /'
  done
}

run_ring() {
  local ring=$1 dir=$2 filter=$3
  echo
  echo "== $ring"
  case $ring in
    cluster* | real* | packaging-long)
      [[ $EUID == 0 ]] || {
        skip_ring "$ring" "needs root, for namespaces"
        return
      }
      ;;
  esac
  case $ring in
    contract)
      [[ ${only_file-} ]] || {
        run_contract "$dir" "$filter"
        return
      }
      ;;
    real*)
      run_real "$ring" "$dir" "$filter"
      return
      ;;
  esac
  if has_ctest "$ring"; then run_ctest "$ring" "$dir" "$filter"; fi
  run_bats_files "$ring" "$dir" "$filter" "$(bats_jobs "$ring")" < <(bats_files "$ring")
  not_tested "$ring"
}

# run_real RING DIR FILTER: files that find the cloud in TIDEPOOL_REAL_CLOUD_DIR.
run_real() {
  local ring=$1 dir=$2 filter=$3 file
  if [[ $CLOUD_SIDES != *real* ]]; then
    skip_ring "$ring" "needs real OpenStack services, and --cloud sim was given"
  elif cloud_ready "$ring" "Slurm"; then
    export TIDEPOOL_REAL_CLOUD_DIR=$CLOUD_FOLDER
    run_bats_files "$ring" "$dir" "$filter" 1 < <(bats_files "$ring")
  fi
  not_tested "$ring"
}

# not_tested RING: notes its files that run by name only, unless files were named.
not_tested() {
  local ring=$1 file why
  [[ ($ring == real || $ring == cluster || $ring == packaging) && -z ${only_file-} ]] || return 0
  while IFS= read -r file; do
    why=$(bats_line "$file" 'By name only')
    NOT_TESTED+=("$file ($why): ./run test $ring --file $(basename "$file" .bats)")
  done < <(bats_files "$ring-long")
}

# bats_jobs RING: files side by side. A cluster waits more than it computes.
bats_jobs() {
  local jobs
  case $1 in
    cluster)
      jobs=$(($(nproc) + 1))
      echo $((jobs < 4 ? jobs : 4))
      ;;
    unit | contract) nproc ;;
    *) echo 1 ;; # packages are installed; services are restarted
  esac
}
