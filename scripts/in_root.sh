#!/bin/bash
# in_root.sh ROOT SOURCE BUILD COMMAND…: runs COMMAND in the Debian root ROOT, with the checkout SOURCE
# at /src and BUILD as its build folder (both may be empty). Expects to be in mount and process
# namespaces of its own (unshare), which take all of this with them when it ends.
set -euo pipefail
root=$1 source=$2 build=$3
shift 3
mount --make-rprivate /
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
# A new sysfs: it shows the interfaces of the network namespace that mounts it.
mount -t sysfs sysfs "$root/sys"
mount --rbind /sys/fs/cgroup "$root/sys/fs/cgroup"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
if [[ $source ]]; then
  mount --bind "$source" "$root/src"
  mkdir -p "$source/build"
  mount --bind "$build" "$root/src/build"
fi
ip link set lo up 2>/dev/null || true # in a network namespace of our own it begins down
if [[ $source ]]; then
  # No network, so no name server; but slurmctld asks for the address of the host where srun runs, and
  # without an answer it stands still for twenty seconds.
  : >"$root/etc/resolv.conf"
  hostname tidepool-root
  printf '127.0.0.1 localhost\n127.0.1.1 tidepool-root\n' >"$root/etc/hosts"
else
  cp -L /etc/resolv.conf "$root/etc/resolv.conf"
fi
exec env -i HOME=/root TERM="${TERM-dumb}" LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin \
  ${CI+CI="$CI"} ${NO_COLOR+NO_COLOR="$NO_COLOR"} \
  chroot "$root" "$@"
