/* What blocking.c and others.c share. */
#ifndef THREADS_H
#define THREADS_H

#include "tester.h"

extern struct ends shared;
void *idle(void *unused);
void *drain_later(void *unused);
void second_thread(void *(*body)(void *)); /* makes fdget() take a reference, too */

#endif
