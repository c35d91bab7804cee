/* Calls of every kind, in functions of a few instructions each. */
struct sock;
struct operations {
	void *owner;
	int (*open)(struct sock *);
	int (*receive)(struct sock *, int);
	int (*send)(struct sock *, int);
};
struct sock {
	long unused[2];
	const struct operations *ops;
};

#define FUNCTION __attribute__((noinline, noclone, used, noipa))
volatile long sink;

FUNCTION int tcp_receive(struct sock *s, int n) { sink = n; return 1; }
FUNCTION int udp_receive(struct sock *s, int n) { sink = n + 1; return 2; }
FUNCTION int tcp_send(struct sock *s, int n) { sink = n + 2; return 3; }
FUNCTION int tcp_open(struct sock *s) { sink = 4; return 4; }

const struct operations tcp_operations = { 0, tcp_open, tcp_receive, tcp_send };
const struct operations udp_operations = { 0, tcp_open, udp_receive, tcp_send };

/* A jump. */
FUNCTION int inet_send(struct sock *s, int n) { sink = 5; return tcp_send(s, n); }
FUNCTION int inet6_send(struct sock *s, int n) { sink = 6; return tcp_send(s, n); }
/* Two jumps, one behind the other. */
FUNCTION int sock_send(struct sock *s, int n) { sink = 7; return inet_send(s, n); }

FUNCTION int call_direct(struct sock *s) { int r = tcp_open(s); sink = r; return r + 1; }
FUNCTION int call_indirect(struct sock *s, int n) { int r = s->ops->send(s, n); sink = r; return r; }
FUNCTION int call_guarded(struct sock *s, int n)
{
	int (*receive)(struct sock *, int) = s->ops->receive;
	int r = receive == tcp_receive ? tcp_receive(s, n) : receive(s, n);
	sink = r;
	return r;
}
FUNCTION int call_hidden(struct sock *s, int n) { int r = sock_send(s, n); sink = r; return r; }
FUNCTION int call_either(struct sock *s, int n)
{
	int r = n ? inet_send(s, n) : inet6_send(s, n);
	sink = r;
	return r;
}

/* A jump through a pointer. */
FUNCTION int pass(struct sock *s, int n) { sink = 14; return s->ops->receive(s, n); }
FUNCTION int call_passing(struct sock *s, int n) { int r = pass(s, n); sink = r; return r; }

/* What stands in the tables ends in a jump: one of two ways to page_send, the only one to
   page_receive. */
FUNCTION int page_send(struct sock *s, int n) { sink = 8; return 8; }
FUNCTION int plain_send(struct sock *s, int n) { sink = 9; return page_send(s, n); }
FUNCTION int disk_send(struct sock *s, int n) { sink = 10; return plain_send(s, n); }
FUNCTION int tape_send(struct sock *s, int n) { sink = 11; return page_send(s, n); }
FUNCTION int page_receive(struct sock *s, int n) { sink = 12; return 12; }
FUNCTION int disk_receive(struct sock *s, int n) { sink = 13; return page_receive(s, n); }
const struct operations disk_operations = { 0, tcp_open, disk_receive, disk_send };
const struct operations plain_operations = { 0, tcp_open, udp_receive, plain_send };
const struct operations tape_operations = { 0, tcp_open, udp_receive, tape_send };

/* Another structure with a pointer to functions at +24. */
struct driver { long unused[3]; int (*start)(struct sock *, int); };
struct device { long unused[2]; const struct driver *ops; };
const struct driver disk_driver = { { 0 }, tape_send };

/* The pointer's structure is known through a loop, and by one name only on both ways. */
FUNCTION int call_in_loop(struct sock *s, int n)
{
	int r = 0;
	while (n-- > 0)
		r += s->ops->send(s, n);
	sink = r;
	return r;
}
FUNCTION int call_mixed(struct sock *s, struct device *d, int n)
{
	void *p;
	if (n > 3) { sink = 14; p = s; } else { sink = 15; p = d; }
	int r = ((struct sock *)p)->ops->send(p, n);
	sink = r;
	return r;
}
void __fentry__(void) { }
FUNCTION int call_traced(struct sock *s)
{
	__asm__ volatile("call __fentry__");
	int r = s->ops->open(s);
	sink = r;
	return r;
}
void _start(void) { }
