#!/bin/sh
# Runs in the guest: loads one module of stubs after the other and runs its scenarios. Each line of
# /lab/jobs is `NAME SIDE FLAGS`: /lab/NAME.ko, /lab/NAME.scenarios. Results go to the third serial port.
report=/dev/ttyS2
stty -F $report raw
while read -r name side flags; do
  echo "{\"job\": \"$name\"}" >$report
  if insmod "/lab/$name.ko"; then
    # shellcheck disable=SC2086  # several flags
    /lab/tester -s "$side" -e $report -n "/lab/$name.scenarios" $flags </dev/null ||
      echo "{\"failed\": \"the tester\"}" >$report
    # What a mutant left behind may keep it; the host goes on in a fresh guest then.
    rmmod ukl_stubs || exit 4
    echo "{\"done\": \"$name\"}" >$report
  else
    echo "{\"failed\": \"insmod\"}" >$report
    exit 3
  fi
done </lab/jobs
dmesg >log.txt
