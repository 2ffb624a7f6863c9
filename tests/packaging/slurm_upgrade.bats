#!/usr/bin/env bats
# By name only: needs a later maintenance release of the installed Slurm, TIDEPOOL_SLURM_NEWER=PREFIX.
# Time limit: 1800 s
# Slurm is upgraded under held jobs, within its series: slurmctld and the stand-in's slurmd are replaced, the
# nodes' slurmd stays what it was. Slurm is built from its sources for this, say of tag slurm-22-05-11-1:
#   ./configure --prefix=PREFIX --sysconfdir=/etc/slurm --with-munge --without-rpath && make -j2 install

bats_require_minimum_version 1.5.0

load ../lab/lib
load ../cluster/cloud
load ../cluster/troubles
load ../cluster/holds

setup_file() {
  [[ ${TIDEPOOL_SLURM_NEWER-} ]] || skip "TIDEPOOL_SLURM_NEWER is not given"
  holds_lab_up 3 '{mode: [suspend]}'
  warm 'osg-[001-003]' 3
  {
    printf 'ONE=%s\n' "$(remember_on osg-001)"
    printf 'PAIR=%s\n' "$(remember_pair osg-002,osg-003)"
  } >"$LAB_DIR/begun"
}
teardown_file() { lab_down; }
setup() {
  # shellcheck source=/dev/null
  source "$LAB_DIR/begun"
  if [[ -e $LAB_DIR/upgraded ]]; then use_newer; fi
}
use_newer() { export LAB_SLURM=$TIDEPOOL_SLURM_NEWER PATH=$TIDEPOOL_SLURM_NEWER/bin:$PATH; }
teardown() { :; }

files() { printf '%s\n' "$(memory "$ONE")" "$(memory "$PAIR")".{0,1}; }
controller_version() { scontrol show config | sed -n 's/^SLURM_VERSION *= *//p'; }

@test "held under the installed Slurm" {
  local file
  for file in $(files); do wait_until 250 counts "$file"; done
  mapfile -t all < <(files)
  note "${all[@]}"
  tidepool hold --job "$ONE,$PAIR" --wait --timeout 120
  controller_version >"$LAB_DIR/before"
  cat "$LAB_DIR/before"
}

@test "slurmctld and the stand-in are of the newer release, and the jobs are still held" {
  local node
  use_newer
  touch "$LAB_DIR/upgraded"
  "$LAB" slurmctld stop
  "$LAB" standin stop
  "$LAB" standin start
  "$LAB" slurmctld start
  echo "from $(cat "$LAB_DIR/before") to $(controller_version)" | tee "$LAB_DIR/versions"
  [ "$(controller_version)" != "$(cat "$LAB_DIR/before")" ]
  [ "$(cut -d. -f1,2 "$LAB_DIR/before")" = "$(controller_version | cut -d. -f1,2)" ]
  grep -q "slurmctld version $(controller_version) started" "$LAB_DIR/log/slurmctld.log"
  # Longer than slurmctld waits for a node that is dead.
  sleep 45
  [ "$(squeue -h -t SUSPENDED -o %A | wc -l)" = 2 ]
  for node in osg-00{1..3}; do away "$node" SUSPENDED; done
}

@test "released under the newer one: the same processes go on, and nothing was restarted" {
  tidepool release --all --wait --timeout 120
  ends_right "$ONE"
  ends_right "$PAIR" "$(memory "$PAIR").0" "$(memory "$PAIR").1"
  wait_until 60 no_holds
  # The nodes' own slurmd is the older one's, and new jobs run on it.
  [ "$(scontrol show node osg-001 | sed -n 's/.*Version=\([0-9.]*\).*/\1/p')" = "$(cat "$LAB_DIR/before")" ]
  [ "$(run_on 3 'osg-[001-003]')" = "osg-001 osg-002 osg-003" ]
}
