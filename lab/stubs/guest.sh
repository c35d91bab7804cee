#!/bin/sh
# Runs in the guest: loads one module of stubs after the other and runs its scenarios. Each line of
# /lab/jobs is `NAME SIDE STUBS FLAGS`: /lab/NAME.ko, /lab/NAME.scenarios. Results go to the third
# serial port.
report=/dev/ttyS2
stty -F $report raw
mkdir -p /ext4 /ramfs
mount -t ramfs ramfs /ramfs
# The driver of ext4 takes what busybox can make.
dd if=/dev/zero of=/dev/shm/disk bs=1M count=16 2>/dev/null
mke2fs -F /dev/shm/disk >/dev/null 2>&1
mount -t ext4 -o loop /dev/shm/disk /ext4 || echo "lab: no ext4"

insmod /lab/harness.ko || exit 3
while read -r name side stubs flags; do
  echo "{\"job\": \"$name\"}" >$report
  if insmod "/lab/$name.ko"; then
    # shellcheck disable=SC2086  # several flags
    /lab/tester -s "$side" -e $report -t "$stubs" -n "/lab/$name.scenarios" $flags </dev/null ||
      echo "{\"failed\": \"the tester\"}" >$report
    # What a mutant left behind may keep it; the host goes on in a fresh guest then.
    rmmod ukl_shortcut || exit 4
    echo "{\"done\": \"$name\"}" >$report
  else
    echo "{\"failed\": \"insmod\"}" >$report
    exit 3
  fi
done </lab/jobs
dmesg >log.txt
