#!/bin/sh
# Runs in the guest: loads one module of stubs after the other and runs its scenarios. Each line of
# /lab/jobs is `NAME SCENARIOS ROOMS SIDE STUBS FLAGS`: /lab/NAME.ko and the file /lab/SCENARIOS.
# Results go to the third serial port.
report=/dev/ttyS2
stty -F $report raw
echo "{\"kernel\": \"$(uname -r)\"}" >$report
# Two disks for each room, which the driver of ext4 takes as busybox can make them.
mkdir /disks
mount -t tmpfs disks /disks
for disk in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
  dd if=/dev/zero of=/disks/$disk bs=1M count=0 seek=16 2>/dev/null
  mke2fs -F /disks/$disk >/dev/null 2>&1
  losetup -f /disks/$disk || echo "lab: no disk $disk"  # the next device, made if there is none
done

# Not where calls are measured: its probes cost.
grep -q -e ' -c' /lab/jobs || insmod /lab/harness.ko || exit 3
while read -r name scenarios rooms side stubs flags; do
  if insmod "/lab/$name.ko"; then
    # shellcheck disable=SC2086  # several flags
    /lab/tester -s "$side" -e $report -t "$stubs" -n "/lab/$scenarios" -r "$rooms" $flags </dev/null ||
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
