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

readonly RINGS=(unit contract cluster packaging fuzz)
readonly ON_REQUEST=(openstack) # rings that run only when they are named

help_test() {
  cat <<'END'
Usage: ./run test [RING…] [OPTION…]

Rings (all that exist when none is named):
  unit       functions and layers, nothing outside the process; manual pages and ./run itself
  contract   the simulator held against OpenStack's answers and the stock openstack command
  cluster    real slurmctld, slurmd and munged in network namespaces (needs root)
  packaging  packages built, installed and removed
  fuzz       hostile input for every parser
  openstack  real OpenStack services on loopback: half an hour, 330 packages; only when named

Options:
  --filter RE                   only tests whose name matches
  --preset dev|asan|tsan|release  which build to test (default dev)
  --cloud sim|openstack         which cloud (default sim); openstack: ring contract on real
                                services, started for the run (installs 330 packages)
  --slurm VERSION               which Slurm (default: the installed one); another one, 24.11, is
                                tested in a Debian root of its own, which is made once (minutes,
                                2 GB in /var/cache/tidepool)
  --list                        name the test files of each ring and stop

Every file's whole output is kept in build/test-logs. The last line is the sum:
"N passed, N failed, N skipped". Exit code: 0 all passed, 1 one failed or none ran, 2 wrong usage.
END
}

run_test() {
  local rings=() filter='' preset=dev list='' cloud=sim slurm='' given=("$@")
  while (($#)); do
    case $1 in
      -h | --help) help_test; return ;;
      --filter | --preset | --cloud | --slurm)
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
    [[ $ring != cluster || $EUID == 0 ]] || die "ring cluster makes network namespaces: run it as root"
  done
  if [[ $slurm && $(slurmctld_version) != "$slurm"* && -z $list ]]; then
    ((${#rings[@]} > 0)) || given+=("${DEFAULT_SLURM_RINGS[@]}")
    run_on_slurm "$slurm" "${given[@]}"
    return
  fi
  if [[ $list ]]; then
    list_rings ${rings[@]+"${rings[@]}"}
    return
  fi
  [[ $cloud == sim || ${rings[*]} == contract ]] ||
    wrong_usage "only ring contract runs on cloud $cloud in this version" "./run test --help"
  ((${#rings[@]} > 0)) || mapfile -t rings < <(existing_rings)
  build_targets "$preset"
  [[ $cloud == sim && " ${rings[*]} " != *" openstack "* ]] ||
    ensure_listed "$ROOT/tests/openstack/packages"
  prepare_logs "$dir"
  for ring in "${rings[@]}"; do
    run_ring "$ring" "$dir" "$filter"
  done
  print_sums "${rings[@]}"
}

# test_option OPTION VALUE: sets run_test's variables.
test_option() {
  case $1=$2 in
    --filter=*) filter=$2 ;;
    --preset=dev | --preset=asan | --preset=tsan | --preset=release) preset=$2 ;;
    --preset=*) wrong_usage "unknown preset '$2'" "./run test --help" ;;
    --cloud=sim | --cloud=openstack) cloud=$2 ;;
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
  local folders=()
  case $1 in
    unit) folders=(tests/unit) ;;
    contract) folders=(tests/contract tests/simulator) ;;
    cluster) folders=(tests/lab tests/cluster) ;;
    *) folders=("tests/$1") ;;
  esac
  (cd "$ROOT" && find "${folders[@]}" -name '*.bats' 2>/dev/null | sort) || true
}

has_ctest() { [[ -e $ROOT/tests/$1/CMakeLists.txt ]]; }
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
  local ring=$1 dir=$2 filter=$3 file
  echo
  echo "== $ring"
  if [[ $ring == cluster && $EUID != 0 ]]; then
    skip_ring "$ring" "needs root, for network namespaces"
    return
  fi
  if [[ $cloud == openstack ]]; then
    run_on_openstack "$ring" "$dir" "$filter"
    return
  fi
  if has_ctest "$ring"; then run_ctest "$ring" "$dir" "$filter"; fi
  while IFS= read -r file; do
    run_bats "$ring" "$dir" "$file" "$filter"
  done < <(bats_files "$ring")
}
