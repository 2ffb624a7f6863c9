#!/usr/bin/env bats
# Plugins that were built for another Slurm: refused with a message that says so, and jobs run all the same.
# OTHER_PLUGINS=FOLDER has some that were; else those of this build are made to say that they were.

bats_require_minimum_version 1.5.0
load ../lab/lib

setup_file() {
  local root plugins
  root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
  plugins=$(dirname "${TIDEPOOL_BIN:-$root/build/bin}")/plugins
  [ -e "$plugins/spank_tidepool.so" ] || skip "this build has no Slurm plugins"
  OTHER=$BATS_FILE_TMPDIR/other
  mkdir "$OTHER"
  make_other spank_tidepool "$plugins"
  make_other job_submit_tidepool "$plugins"
  export OTHER
  # What slurmctld starts with; the others come in their place.
  lab_up --nodes 1 --compute-nodes 1 --suspend-time 600 --plugins "$plugins"
  warm
}
teardown_file() { lab_down; }
warm() { timeout 250 srun -p osg true; }

# make_other NAME FOLDER: plugin_version (0xMMmmuu) is what a build against another Slurm's headers changes
# in what Slurm reads; here its two upper bytes become those of 99.11.
make_other() {
  if [[ ${OTHER_PLUGINS-} ]]; then
    cp "$OTHER_PLUGINS/$1.so" "$OTHER/$1.so"
    return
  fi
  python3 - "$2/$1.so" "$OTHER/$1.so" <<'PYTHON'
import subprocess, sys
source, target = sys.argv[1:]
words = lambda *command: subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
address = next(int(l.split()[0], 16) for l in words("nm", "-D", source) if l.endswith(" plugin_version"))
data = bytearray(open(source, "rb").read())
for line in words("readelf", "-lW", source):
    part = line.split()
    if part and part[0] == "LOAD":
        offset, start, size = (int(part[i], 16) for i in (1, 2, 4))
        if start <= address < start + size:
            at = address - start + offset
            data[at + 1:at + 3] = bytes([11, 99])
open(target, "wb").write(data)
PYTHON
}

# use FOLDER NAME: that plugin from there.
use() {
  install -m 644 "$1/$2.so" "$LAB_DIR/lib/$2.so.new"
  mv "$LAB_DIR/lib/$2.so.new" "$LAB_DIR/lib/$2.so"
}

@test "a SPANK plugin: the commands say so, lack its options, and jobs run" {
  use "$OTHER" spank_tidepool
  run -0 srun -p osg sh -c 'echo it runs'
  echo "$output"
  [[ $output == *"it runs"* ]]
  [[ $output == *"ncompatible"*"plugin"*spank_tidepool.so* ]]
  run -0 sbatch --help
  [[ $output != *--hold-mode* ]]
}

@test "a batch job, whose slurmd has that plugin too, runs" {
  local job
  job=$(submit -p osg --wrap 'echo in batch')
  wait_until 120 job_is "$job" COMPLETED
  [ "$(cat "$LAB_DIR/jobs/$job.out")" = "in batch" ]
}

# slurmctld takes no chances with what judges its jobs.
@test "a job submit plugin: slurmctld says which version it is, and does not start; nothing is lost" {
  local job
  job=$(submit -p osg --hold --wrap true)
  use "$OTHER" job_submit_tidepool
  "$LAB" slurmctld stop
  run timeout 100 "$LAB" slurmctld start
  [ "$status" -ne 0 ]
  tail -n 20 "$LAB_DIR/log/slurmctld.log"
  grep -qi 'incompatible.*plugin.*job_submit_tidepool' "$LAB_DIR/log/slurmctld.log"
  # What docs/troubleshooting.md says: the line is taken out.
  sed -i '/^JobSubmitPlugins=/d' "$SLURM_CONF"
  "$LAB" slurmctld start
  job_is "$job" PENDING
  scontrol release "$job"
  wait_until 120 job_is "$job" COMPLETED
}
