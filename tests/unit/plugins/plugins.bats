#!/usr/bin/env bats
# Slurm's plugins as files, and the SPANK one in the commands, which need no cluster for that.

bats_require_minimum_version 1.5.0

setup_file() {
  ROOT=$(cd "$BATS_TEST_DIRNAME/../../.." && pwd)
  PLUGINS=$(dirname "${TIDEPOOL_BIN:-$ROOT/build/bin}")/plugins
  export ROOT PLUGINS
}

setup() {
  # Slurm's daemons have no sanitizers, so a build with them has no plugins.
  ! grep -qs '^TIDEPOOL_SANITIZE:STRING=.' "$PLUGINS/../CMakeCache.txt" || skip "a build with sanitizers"
  local own=(/usr/lib/*/slurm*/auth_munge.so)
  export SLURM_CONF=$BATS_TEST_TMPDIR/slurm.conf
  cat >"$SLURM_CONF" <<CONF
ClusterName=none
SlurmctldHost=localhost
PluginDir=$PLUGINS:$(dirname "${own[0]}")
PlugStackConfig=$BATS_TEST_TMPDIR/plugstack.conf
NodeName=n1
PartitionName=p Nodes=n1
CONF
  cp "$ROOT/etc/plugstack.conf" "$BATS_TEST_TMPDIR/plugstack.conf"
}

@test "each command's --help has the options, and says what they take" {
  local command
  for command in sbatch srun salloc; do
    "$command" --help >"$BATS_TEST_TMPDIR/help"
    grep -q -- '--hold-mode=MODE\[,MODE\]' "$BATS_TEST_TMPDIR/help"
    grep -q -- '--no-hold' "$BATS_TEST_TMPDIR/help"
    grep -q -- '--max-held=TIME' "$BATS_TEST_TMPDIR/help"
    tr -s ' \n' '  ' <"$BATS_TEST_TMPDIR/help" | grep -q 'pause, suspend, hibernate, shelve, stop, snapshot, requeue'
  done
}

@test "a plugin exports what Slurm looks for and nothing else" {
  exports() { nm -D --defined-only "$PLUGINS/$1" | awk '{ print $3 }' | sort | xargs; }
  [ "$(exports spank_tidepool.so)" = "plugin_name plugin_type plugin_version slurm_spank_init \
slurm_spank_init_post_opt slurm_spank_task_init spank_plugin_version" ]
  [ "$(exports job_submit_tidepool.so)" = "fini init job_modify job_submit plugin_name plugin_type plugin_version" ]
}

@test "a plugin links C++'s and C's own libraries only, and is bound lazily" {
  local plugin
  for plugin in spank_tidepool.so job_submit_tidepool.so; do
    readelf -d "$PLUGINS/$plugin" >"$BATS_TEST_TMPDIR/dynamic"
    run -1 grep -E 'BIND_NOW|FLAGS.*NOW' "$BATS_TEST_TMPDIR/dynamic"
    [ "$(grep -c NEEDED "$BATS_TEST_TMPDIR/dynamic")" -ge 2 ]
    run -1 bash -c "grep NEEDED '$BATS_TEST_TMPDIR/dynamic' | grep -vE '\[lib(stdc\+\+|m|gcc_s|c)\.so'"
  done
}

@test "a plugin of another release is left out, and the commands work" {
  # plugin_version is 0xMMmmuu: the series is changed in a copy.
  mkdir "$BATS_TEST_TMPDIR/other"
  python3 - "$PLUGINS/spank_tidepool.so" "$BATS_TEST_TMPDIR/other/spank_tidepool.so" <<'PYTHON'
import subprocess, sys
source, target = sys.argv[1:]
symbols = subprocess.run(["nm", "-D", source], capture_output=True, text=True, check=True).stdout
address = next(int(l.split()[0], 16) for l in symbols.splitlines() if l.endswith(" plugin_version"))
data = bytearray(open(source, "rb").read())
headers = subprocess.run(["readelf", "-lW", source], capture_output=True, text=True, check=True).stdout
for line in headers.splitlines():
    words = line.split()
    if words and words[0] == "LOAD":
        offset, start, size = (int(words[i], 16) for i in (1, 2, 4))
        if start <= address < start + size:
            data[address - start + offset + 2] = 99
open(target, "wb").write(data)
PYTHON
  run -1 cmp "$PLUGINS/spank_tidepool.so" "$BATS_TEST_TMPDIR/other/spank_tidepool.so"
  sed -i "s|^PluginDir=[^:]*|PluginDir=$BATS_TEST_TMPDIR/other|" "$SLURM_CONF"
  run -0 sbatch --help
  [[ $output != *--hold-mode* ]]
}
