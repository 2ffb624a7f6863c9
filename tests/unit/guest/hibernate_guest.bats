#!/usr/bin/env bats
# etc/guest: the set-up of a guest in scratch file systems, as far as it goes without a machine of its
# own to hibernate. Mounts live in a private mount namespace; this machine's swap, /etc and power state
# are not touched (--root, --dry-run).

# shellcheck disable=SC2016 # commands for another shell
setup() {
  ROOT=$(cd "$BATS_TEST_DIRNAME/../../.." && pwd)
  IMAGE=$ROOT/etc/guest/image
  SETUP=$IMAGE/usr/local/sbin/tidepool-guest-setup
  CHECK=$IMAGE/usr/local/sbin/tidepool-guest-check
  DISK=$BATS_TEST_TMPDIR/disk
  R=$BATS_TEST_TMPDIR/root
  mkdir "$R"
  export ROOT SETUP DISK R
}

# on_disk SIZE BLOCK-SIZE COMMANDS: a Debian-like root on a new ext4, COMMANDS run with it at $R.
on_disk() {
  [[ $EUID == 0 ]] || skip "mounting needs root"
  truncate -s "$1" "$DISK"
  mkfs.ext4 -q -F -b "${2:-4096}" "$DISK"
  unshare --mount true 2>/dev/null || skip "no mount namespaces here"
  unshare --mount bash -c 'mount -o loop "$DISK" "$R"' || skip "no loop devices here"
  run unshare --mount bash -euc '
    mount -o loop "$DISK" "$R"
    mkdir -p "$R/etc/default"
    echo "GRUB_CMDLINE_LINUX=console=ttyS0" >"$R/etc/default/grub"
    setup() { "$SETUP" --root "$R" "$@"; }
    '"$3"'
    umount "$R"'
  echo "$output"
}

# The kernel line that grub-mkconfig would be given by the tree at $1.
kernel_line() {
  # shellcheck disable=SC2016 # inside
  sh -c '. "$1/etc/default/grub"; . "$1/etc/default/grub.d/90-tidepool.cfg"; echo "$GRUB_CMDLINE_LINUX"' sh "$1"
}
export -f kernel_line

@test "the swap file is where resume_offset says" {
  on_disk 160M '' '
    setup --swap 32M --keep-free 8M
    kernel_line "$R" >"$DISK.line"
    filefrag -v -b4096 "$R/swap.tidepool" >"$DISK.frag"
    stat -c "%s %a" "$R/swap.tidepool"'
  [ "$status" -eq 0 ]
  [ "${lines[-1]}" = "33554432 600" ]
  local line offset
  line=$(cat "$DISK.line")
  offset=${line##*resume_offset=}
  [ "$line" = "console=ttyS0 resume=UUID=$(blkid -p -s UUID -o value "$DISK") resume_offset=$offset" ]
  grep -qE "^ +0: +0\.\. +[0-9]+: +$offset\.\." "$DISK.frag"
  # The disk itself: a swap area's signature ends the page there.
  [ "$(dd if="$DISK" bs=1 skip=$((offset * 4096 + 4086)) count=10 status=none)" = SWAPSPACE2 ]
}

@test "a second run changes nothing; more swap is made anew, less is kept" {
  on_disk 160M '' '
    setup --swap 32M --keep-free 8M
    look() { find "$R" -type f -printf "%P %i %T@ %s\n" | sort; blkid -p -s UUID -o value "$R/swap.tidepool"; }
    before=$(look)
    setup --swap 32M --keep-free 8M
    setup --swap 16M --keep-free 8M
    [ "$before" = "$(look)" ]
    setup --swap 48M --keep-free 8M
    stat -c %s "$R/swap.tidepool"
    kernel_line "$R" | grep -c "resume_offset=$(filefrag -v -b4096 "$R/swap.tidepool" | sed -n "s/^ *0: *0\.\. *[0-9]*: *\([0-9]*\)\..*/\1/p")$"'
  [ "$status" -eq 0 ]
  [ "${lines[-2]}" = 50331648 ]
  [ "${lines[-1]}" = 1 ]
}

@test "too little disk: refused with both numbers, and nothing is left" {
  on_disk 64M '' '
    code=0
    setup --swap 1G || code=$?
    ls -A "$R" "$R/etc/default"
    exit $code'
  [ "$status" -eq 11 ]
  [[ $output == *"needs 1024 MiB and 512 MiB must stay free, but "*" has "*" MiB: take a flavor with a larger disk"* ]]
  [[ $output != *swap.tidepool* && $output != *90-tidepool* ]]
}

@test "file systems that cannot be resumed from are refused before anything is made" {
  on_disk 64M 1024 'code=0; setup --swap 8M --keep-free 1M || code=$?; ls -A "$R"; exit $code'
  [ "$status" -eq 11 ]
  [[ $output == *"blocks smaller than a page"*"--swap-device"* && $output != *swap.tidepool* ]]
  on_disk 64M '' '
    mount -t tmpfs none "$R"
    code=0; setup --swap 8M || code=$?; ls -A "$R"; umount "$R"; exit $code'
  [ "$status" -eq 11 ]
  [[ $output == *"is on tmpfs"*"--swap-device"* && $output != *swap.tidepool* ]]
}

@test "a blank partition becomes swap once; one that holds something is not touched" {
  on_disk 64M '' '
    truncate -s 32M "$DISK.swap"
    part=$(losetup --find --show "$DISK.swap")
    trap "losetup -d $part" EXIT
    setup --swap-device "$part" --swap 32M
    first=$(kernel_line "$R")
    setup --swap-device "$part" --swap 32M
    [ "$first" = "$(kernel_line "$R")" ]
    [ "$first" = "console=ttyS0 resume=UUID=$(blkid -p -s UUID -o value "$part")" ]
    mkfs.ext4 -q -F "$part"
    before=$(sha256sum <"$DISK.swap")
    code=0
    setup --swap-device "$part" --swap 32M || code=$?
    [ "$before" = "$(sha256sum <"$DISK.swap")" ]
    exit $code'
  [ "$status" -eq 11 ]
  [[ $output == *"holds something else"*"not touched"* ]]
}

@test "a Red Hat tree gets dracut's resume module and chrony's makestep, once" {
  on_disk 64M '' '
    rm "$R/etc/default/grub"
    mkdir -p "$R/etc/dracut.conf.d"
    printf "pool ntp.example.org\nmakestep 1.0 3\n" >"$R/etc/chrony.conf"
    setup --swap 8M --keep-free 1M
    setup --swap 8M --keep-free 1M
    cat "$R"/etc/dracut.conf.d/*.conf "$R/etc/chrony.conf"'
  [ "$status" -eq 0 ]
  [ "$(grep -c '^add_dracutmodules+=" resume "$' <<<"$output")" -eq 1 ]
  [ "$(grep -c '^makestep' <<<"$output")" -eq 1 ]
  [[ $output == *"#makestep 1.0 3"*"makestep 1 -1"* ]]
}

@test "wrong usage of the three programs exits 2 and names what is wrong" {
  local words
  for words in "--swap 4T" "--swap" "--swap-file relative" "--root $R" "--root /nonexistent --swap 1G" "here"; do
    # shellcheck disable=SC2086 # words
    run "$SETUP" $words
    echo "$words: $output"
    [ "$status" -eq 2 ]
    [[ $output == *tidepool-guest-setup:* ]]
  done
  run "$CHECK" --power
  [ "$status" -eq 2 ]
  [[ $output == *"unknown argument '--power'"* ]]
  run "$IMAGE/usr/local/sbin/tidepool-hibernate" now
  [ "$status" -eq 2 ]
}

# A guest that can hibernate, as tidepool-guest-check reads it: the files of etc/guest/image, and /proc
# and /sys of a Debian 12 server.
right_guest() {
  rm -rf "$R"
  cp -a "$IMAGE" "$R"
  mkdir -p "$R"/{proc,boot/grub,run/tidepool-guest,sys/power,sys/kernel/security,sys/class/virtio-ports/vport1p1} \
    "$R"/sys/bus/pci/devices/0000:00:0{2,3}.0
  echo 'freeze mem disk' >"$R/sys/power/state"
  echo '[platform] shutdown reboot suspend test_resume' >"$R/sys/power/disk"
  echo 254:1 >"$R/sys/power/resume"
  echo 34816 >"$R/sys/power/resume_offset"
  echo '[none] integrity confidentiality' >"$R/sys/kernel/security/lockdown"
  echo org.qemu.other >"$R/sys/class/virtio-ports/vport1p1/name"
  printf '0x030000\n' >"$R/sys/bus/pci/devices/0000:00:02.0/class"
  printf '0x1234\n' >"$R/sys/bus/pci/devices/0000:00:02.0/vendor"
  printf '0x020000\n' >"$R/sys/bus/pci/devices/0000:00:03.0/class"
  printf '0x1af4\n' >"$R/sys/bus/pci/devices/0000:00:03.0/vendor"
  echo 'BOOT_IMAGE=/boot/vmlinuz root=/dev/vda1 ro' >"$R/proc/cmdline"
  printf 'MemTotal:         984344 kB\nMemFree:          600000 kB\nMemAvailable:     784344 kB\n' >"$R/proc/meminfo"
  printf 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n/swap.tidepool                          file\t\t1048572\t\t0\t\t-2\n' >"$R/proc/swaps"
  printf 'swap=/swap.tidepool\nnumber=254:1\noffset=34816\nresume="resume=UUID=a-b resume_offset=34816"\n' >"$R/run/tidepool-guest/ready"
  echo '  linux /boot/vmlinuz root=UUID=a-b ro resume=UUID=a-b resume_offset=34816' >"$R/boot/grub/grub.cfg"
}

@test "tidepool-guest-check: a right guest can, without a warning" {
  right_guest
  run "$CHECK" --root "$R" --power-key
  echo "$output"
  [ "$status" -eq 0 ]
  [[ $output != *warning* && $output == *"this server can hibernate" ]]
  run "$CHECK" --root "$R" --power-key --quiet
  [ -z "$output" ]
}

@test "tidepool-guest-check: each fault has its code and words" {
  local code words change
  while IFS='|' read -r code words change; do
    right_guest
    (cd "$R" && eval "$change")
    run "$CHECK" --root "$R" --power-key
    echo "$change: $status: $output"
    [ "$status" -eq "$code" ]
    [[ $output == *"$words"* ]]
  done <<'END'
10|no 'disk' in /sys/power/state|echo freeze mem >sys/power/state
10|locked down|echo freeze mem >sys/power/state; echo 'none [integrity] confidentiality' >sys/kernel/security/lockdown
11|is not on|sed -i 2d proc/swaps
11|50 MiB free, but 195 MiB of memory are in use|sed -i 's/1048572/51200/' proc/swaps
11|free, but|sed -i 's/1048572.*/1048572 1000000 -2/' proc/swaps
12|noresume|echo 'root=/dev/vda1 noresume quiet' >proc/cmdline
12|run tidepool-guest-setup|echo 0:0 >sys/power/resume
12|at 7, not to|echo 7 >sys/power/resume_offset
12|has not prepared this boot|rm run/tidepool-guest/ready
12|boot loader does not say|echo linux >boot/grub/grub.cfg
13|AllowHibernation=no|echo AllowHibernation=no >>etc/systemd/sleep.conf.d/20-site.conf
13|hibernate.target is masked|ln -s /dev/null etc/systemd/system/hibernate.target
13|HandlePowerKey=hibernate is not set|rm etc/systemd/logind.conf.d/10-tidepool.conf
13|hw_qemu_guest_agent|echo org.qemu.guest_agent.0 >sys/class/virtio-ports/vport1p1/name
14|0000:00:02.0 is a GPU|echo 0x10de >sys/bus/pci/devices/0000:00:02.0/vendor
14|0000:00:03.0 is a network function|echo 0x15b3 >sys/bus/pci/devices/0000:00:03.0/vendor
0|AllowSuspend=no is not set|rm etc/systemd/sleep.conf.d/10-tidepool.conf
0|makestep|rm etc/chrony/conf.d/10-tidepool.conf
0|is not hibernated|sed -i 's/1048572/512000/' proc/swaps
0|may be dead|echo 'platform [shutdown]' >sys/power/disk
END
}

@test "tidepool-hibernate refuses a machine that is not prepared, with the check's code" {
  [[ $EUID == 0 ]] || skip "needs root"
  unshare --mount true 2>/dev/null || skip "no mount namespaces here"
  # An empty /run of its own: no systemd to talk to, nothing prepared. --dry-run all the same.
  run unshare --mount bash -c "mount -t tmpfs none /run && '$IMAGE/usr/local/sbin/tidepool-hibernate' --dry-run"
  echo "$output"
  ((status >= 10 && status <= 14))
  [[ $output == *"tidepool-hibernate: refused: this server cannot hibernate"* ]]
}

@test "systemd finds nothing wrong with tidepool-swap.service" {
  sed "s|/usr/local/sbin|$IMAGE/usr/local/sbin|" "$IMAGE/etc/systemd/system/tidepool-swap.service" \
    >"$BATS_TEST_TMPDIR/tidepool-swap.service"
  run systemd-analyze verify --man=no "$BATS_TEST_TMPDIR/tidepool-swap.service"
  echo "$output"
  [ "$status" -eq 0 ]
  [ -z "$output" ]
}
