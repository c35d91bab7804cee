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
void _start(void) { }
