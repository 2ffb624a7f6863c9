# tidepool's Slurm plugins in the lab (--plugins DIR). Copied, as the programs are; links lead to those that
# a package has installed beside Slurm's own, where Slurm finds them by itself.

plugins_install() {
  local name
  [[ $PLUGINS ]] || return 0
  mkdir -p "$LAB_DIR/lib"
  for name in spank_tidepool.so job_submit_tidepool.so; do
    [[ -e $PLUGINS/$name ]] || die "$PLUGINS/$name is missing: build it first (it needs libslurm-dev)"
    [[ -L $PLUGINS/$name ]] || install -m 644 "$PLUGINS/$name" "$LAB_DIR/lib/$name"
  done
  echo 'optional spank_tidepool.so' >"$LAB_DIR/etc/plugstack.conf"
}

# plugins_policy_write: needs the pool file, slurm.conf and the programs.
plugins_policy_write() {
  [[ $PLUGINS ]] || return 0
  "$LAB_DIR/bin/programs/tidepool" --config "$LAB_DIR/etc/tidepool.yaml" slurm-conf --job-policy \
    >"$LAB_DIR/etc/job-policy"
  chmod 644 "$LAB_DIR/etc/job-policy"
}

# plugin_lines: for slurm.conf. Slurm's own plugins are beside the ones of the installed daemons.
plugin_lines() {
  [[ $PLUGINS ]] || return 0
  local own
  for own in /usr/lib/*/slurm*/auth_munge.so /usr/lib*/slurm/auth_munge.so; do
    [[ ! -e $own ]] || break
  done
  [[ ! -e $LAB_DIR/lib/spank_tidepool.so ]] || echo "PluginDir=$LAB_DIR/lib:$(dirname "$own")"
  cat <<CONF
PlugStackConfig=$LAB_DIR/etc/plugstack.conf
JobSubmitPlugins=tidepool
CONF
}
