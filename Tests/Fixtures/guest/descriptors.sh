#!/bin/sh
# descriptors.c under perf. Argument: rounds.
# modules: algif_hash tipc
case $1 in
  prepare) chmod 755 /usr/bin/descriptors ;;
  run) /usr/bin/descriptors "$2" ;;
esac
