#!/bin/busybox sh
# shellcheck shell=dash
# The guest's first and only process tree: loads the modules, runs /lab/run, sends back what stands
# in /out, and ends the machine.
/bin/busybox --install -s /usr/bin
export PATH=/usr/bin:/usr/sbin HOME=/root LC_ALL=C
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/shm /dev/pts
mount -t tmpfs shm /dev/shm
mount -t tracefs trace /sys/kernel/tracing 2>/dev/null
hostname guest
ip link set lo up

while read -r module; do
  insmod "$module" || echo "lab: $module can't be loaded"
done </lab/modules

cd /out || exit
# shellcheck disable=SC2046  # one argument a line
(IFS='
'; exec sh /lab/run $(cat /lab/arguments))
echo $? >/out/status

# virtio-9p where the kernel has it, else the second serial port.
if mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144 host /host 2>/dev/null; then
  cp -r /out/. /host/ || rm -f /host/status
  umount /host
else
  stty -F /dev/ttyS1 raw
  tar -c -C /out . >/dev/ttyS1
fi
sync
poweroff -f
