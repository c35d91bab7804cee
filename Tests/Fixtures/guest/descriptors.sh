#!/bin/sh
# descriptors.c under perf, with its own wrappers and with libc's. Argument: rounds.
# modules: algif_hash tipc
case $1 in
  prepare) chmod 755 /usr/bin/descriptors /usr/bin/frameless ;;
  run)
    /usr/bin/descriptors "$2"
    /usr/bin/frameless "$2"
    ;;
esac
