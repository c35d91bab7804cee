/* Every scenario runs in processes of their own with fresh descriptors: once through the system call,
 * once through the stub, which stands on one side of a connection only. What a process notes of
 * results and after-effects must be equal, word for word.
 */
#ifndef TESTER_H
#define TESTER_H

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))
#define MAX_RW 0x7ffff000L
#define BIG ((size_t)0x80000000 + 0x10000)

/* ---- process.c: what a process may use ---- */

enum side { SYSCALL, STUB, GENERIC };
extern enum side side;
extern int device; /* /dev/ukl_shortcut */
extern char *big, *half; /* 2 GiB; 8 bytes before a page that can't be used */
void fold_big(void);     /* makes big the same 32 MiB again and again, for calls that fill it */

/* Side effects that the stubs leave out, by their policy. */
enum effect { LSM = 1, FSNOTIFY = 2, ACCOUNTING = 4 };
extern bool permitted; /* what is to deny a call doesn't: as without LSM */

/* Notes, shared with the process that compares them. */
struct notes {
	size_t used;
	bool skipped;
	char text[8000];
};
extern struct notes *notes;

void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void say_result(long ret);              /* how much of a large transfer went is a matter of time */
void must(bool good, const char *what); /* else the scenario's setup failed */
void skip(void);                        /* this kernel can't make the descriptor */
void prepare(void);                     /* memory and signals */

extern volatile sig_atomic_t pipe_signals, size_signals, user_signals;
void on(int number, void (*handler)(int), int flags);
void on_user(int number);

void nap(int ms);
long now(void); /* ms */
bool ready(int fd, int events, int ms);
void nonblocking(int fd, bool on);
void fill(int fd); /* writes until nothing goes for a while */
unsigned hash(const void *data, size_t length);
int parameter(const char *name); /* of the module */

/* ---- kinds.c: what stands behind a descriptor ---- */

struct ends {
	int fd, peer; /* the one under test, and who sees what it does; -1: none */
	bool quiet;   /* the data hold random numbers */
};

typedef void (*maker)(struct ends *e);
struct kind {
	const char *name;
	const char *family; /* of the stubs that are made for it */
	maker make;
	bool anonymous; /* see anonymous_inode() */
};
extern const struct kind kinds[];
extern const unsigned kind_count;
extern const char hello[67];
maker kind_named(const char *name);
maker kind_of_files(void); /* of the family of the stub under test, if it is one of files */

/* Lets a program of BPF see all that a socket sends or receives, and pass or drop it; false where the
 * kernel can't.
 */
enum sockmap_program { ON_SEND, ON_RECEIVE };
bool into_sockmap(int fd, enum sockmap_program which, bool pass); /* sockmap.c */

/* The disk of this room whose file system is shut down; rooms.c. */
extern char spare_disk[];

/* ---- calls.c: what is called ---- */

enum way { READS, WRITES, ACCEPTS };
struct stub {
	const char *name; /* shortcut_tcp_read */
	char family[16];
	int call;
	unsigned index;
};
extern struct stub under_test;
bool find_stub(const char *name); /* in the module; makes it the one under test */
enum way way_of_stub(void);
bool stub_takes_flags(void);
bool stub_takes_vectors(void);

extern uint64_t call_cycles; /* of the last call in the module */
long rd(int fd, void *buf, size_t count); /* through the stub under test if it reads, else read(2) */
long rd_with(int fd, void *buf, size_t count, int flags); /* by a call that takes flags */
long wr(int fd, const void *buf, size_t count);
void call_with_pieces(int fd, unsigned count); /* vectors of so many empty pieces; at most 1024 */

/* One call with all its arguments. */
struct operation;
const struct operation *operation(unsigned number); /* of the stub under test; NULL: no more */
const char *operation_name(const struct operation *operation);
bool operation_is_basic(const struct operation *operation); /* also for other families' kinds */
bool operation_is_wrong(const struct operation *operation); /* in itself, whatever the descriptor is */
const struct operation *first_basic_operation(void);
bool operation_is_large(const struct operation *operation);
long operate(const struct operation *operation, int fd);
void say_operation(const struct operation *operation, long result, bool quiet);

/* ---- the scenarios ---- */

void matrix(const struct kind *kind, const struct operation *operation);
extern const char *const hooks[];
extern const unsigned hook_count;
void denied(const struct kind *kind, const struct operation *operation, const char *hook);

enum needs { ANYTHING, TWO_ENDS, SOCKETS, FLAGS /* sockets, and a call with flags */ };
struct body {
	const char *name;
	enum way way; /* only for stubs that go this way */
	void (*run)(void);
	enum needs needs;
};
struct partner {
	const char *name;
	const char *family;
	enum way way;
	const char *kind; /* of both ends */
	enum needs are;
};
extern const struct body blocking[], others[];
extern const unsigned blocking_count, other_count;
extern const struct partner partners[];
extern const unsigned partner_count;
extern const struct partner *partner; /* of the scenario that runs */
void meet(struct ends *e);            /* makes its ends */
bool blocking_fits(const struct body *body, const struct partner *of);
bool other_fits(const struct body *body);
bool body_is_denied(const struct body *body); /* something says no, unless it is permitted */

/* One scenario: what each group needs of these. */
enum group { MATRIX, BLOCKING, OTHER, DENIED };
struct scenario {
	char name[120];
	enum group group;
	const struct kind *kind;
	const struct operation *operation;
	const struct body *body;
	const struct partner *partner;
	const char *hook;
};

/* ---- compare.c: both sides of it ---- */

/* Both could not make the descriptor; alike; alike but for what the stub leaves out; different as the
 * system call is from itself.
 */
enum outcome { SKIPPED, EQUAL, DROPPED, UNSTABLE, DIFFERENT };
enum outcome compare(const struct scenario *scenario, enum side other, unsigned dropped, struct notes *expected, struct notes *seen);

/* ---- rooms.c: several testers side by side ---- */

/* Does the work in so many rooms at once; false where one of them failed. */
bool in_rooms(unsigned count, unsigned scenarios, bool (*work)(void *), void *argument);
bool take(unsigned scenario); /* whether it is for this room to run */
void take_no_more(void);      /* for all rooms */

/* Behind eventfd, epoll and the like is one inode for the whole kernel, and so are its events. Who
 * watches it holds it with LOCK_EX, who reads from it or writes to it with LOCK_SH.
 */
void anonymous_inode(int how);

/* What system call, stub and ordinary path called in the kernel take, by side; false where there is
 * nothing to measure.
 */
bool costs_of_stub(size_t size, uint64_t costs[3]);

#endif
