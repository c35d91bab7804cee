/* Both sides of each scenario, the comparison, and what the host reads: a JSON object a line. */
#include "tester.h"

#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum group { MATRIX, BLOCKING, OTHER, DENIED };

/* One scenario: what each group needs of these. */
struct scenario {
	char name[120];
	enum group group;
	const struct kind *kind;
	const struct operation *operation;
	const struct body *body;
	const struct partner *partner;
	const char *hook;
};

static int events = STDOUT_FILENO;

static void child(const struct scenario *scenario)
{
	prepare();
	alarm(scenario->group == OTHER ? 100 : 8);
	partner = scenario->partner;
	switch (scenario->group) {
	case MATRIX: matrix(scenario->kind, scenario->operation); break;
	case DENIED: denied(scenario->kind, scenario->operation, scenario->hook); break;
	default: scenario->body->run();
	}
	_exit(0);
}

static void run(struct notes *seen, enum side which, const struct scenario *scenario)
{
	int status;
	pid_t pid;

	memset(notes, 0, sizeof(*notes));
	side = which;
	pid = fork();
	if (!pid)
		child(scenario);
	waitpid(pid, &status, 0);
	kill(-pid, SIGKILL); /* helpers that are still there */
	say(" | status %x", status);
	*seen = *notes;
}

static size_t text(char *line, size_t size, size_t used, const char *key, const char *value)
{
	used += snprintf(line + used, size - used, "%s\"%s\": \"", used > 1 ? ", " : "", key);
	for (const unsigned char *c = (const void *)value; *c && used < size - 16; c++)
		used += snprintf(line + used, size - used, *c < ' ' || *c > '~' || *c == '"' || *c == '\\' ? "\\u%04x" : "%c", *c);
	return used + snprintf(line + used, size - used, "\"");
}

static void put(const char *line, size_t length)
{
	while (length) {
		ssize_t n = write(events, line, length);

		if (n < 0 && errno != EINTR)
			return;
		line += n < 0 ? 0 : n;
		length -= n < 0 ? 0 : n;
	}
}

/* Pairs of key and value, up to a NULL; pairs without a value are left out. */
static void tell(const char *const pairs[])
{
	static char line[2 * sizeof(notes->text) + 400];
	size_t used = 1;

	line[0] = '{';
	for (; *pairs; pairs += 2)
		if (pairs[1])
			used = text(line, sizeof(line), used, pairs[0], pairs[1]);
	memcpy(line + used, "}\n", 2);
	put(line, used + 2);
}
#define TELL(...) tell((const char *const[]){ __VA_ARGS__, NULL })

/* A difference stands unless the system call itself, asked again, also does what the stub did. What
 * needs no timing is done twice by the stub and must come out alike.
 */
static bool compare(const struct scenario *scenario, enum side other)
{
	static struct notes before, seen, again;
	int tries = 0;

	TELL("start", scenario->name);
	run(&before, SYSCALL, scenario);
	run(&seen, other, scenario);
	if (scenario->group == MATRIX && operation_is_basic(scenario->operation) && !seen.skipped &&
	    !strcmp(before.text, seen.text))
		run(&seen, other, scenario);
	if (before.skipped && seen.skipped) {
		TELL("scenario", scenario->name, "stub", under_test.name, "result", "skipped");
		return true;
	}
	if (!strcmp(before.text, seen.text)) {
		TELL("scenario", scenario->name, "stub", under_test.name, "result", "equal");
		return true;
	}
	do
		run(&again, SYSCALL, scenario);
	while (strcmp(again.text, seen.text) && ++tries < 5);
	TELL("scenario", scenario->name, "stub", under_test.name, "result", tries < 5 ? "unstable" : "different",
	     "expected", before.text, "seen", seen.text);
	return tries < 5;
}

struct job {
	enum side side;
	bool list, first_difference; /* only print names; end at the first difference */
	bool costs;                  /* in place of scenarios */
	char **prefixes, *names;     /* either may be NULL: all */
};

static bool wanted(const char *name, const struct job *job)
{
	size_t length = strlen(name);
	char **list = job->prefixes;

	if (job->names) {
		for (char *at = job->names; (at = strstr(at, name)); at++)
			if ((at == job->names || at[-1] == '\n') && at[length] == '\n')
				return true;
		return false;
	}
	if (!list || !*list)
		return true;
	for (; *list; list++)
		if (strstr(name, *list))
			return true;
	return false;
}

/* Returns whether to go on. */
static bool meet(const struct scenario *scenario, const struct job *job)
{
	if (!wanted(scenario->name, job))
		return true;
	if (job->list)
		return puts(scenario->name) >= 0;
	return compare(scenario, job->side) || !job->first_difference;
}

static bool is_own(const struct kind *kind) { return !strcmp(kind->family, under_test.family); }

/* Of another family one kind stands for all; of what has no stubs each is tried. */
static bool stands_for_its_family(const struct kind *kind)
{
	return !kind->family[0] || kind == kinds || strcmp(kind->family, kind[-1].family);
}

/* What is full takes long to fill, and matters to who writes. */
static bool matters(const struct kind *kind)
{
	size_t length = strlen(kind->name);

	return way_of_stub() == WRITES || length < 5 || strcmp(kind->name + length - 5, "_full");
}

static bool all_of_matrix(const struct job *job)
{
	const char *stub = under_test.name + strlen("shortcut_");

	for (unsigned k = 0; k < kind_count; k++) {
		const struct operation *o;
		bool own = is_own(&kinds[k]);

		if (!matters(&kinds[k]) || (!own && !stands_for_its_family(&kinds[k])))
			continue;
		for (unsigned i = 0; (o = operation(i)); i++) {
			struct scenario s = { .group = MATRIX, .kind = &kinds[k], .operation = o };

			if (!own && !operation_is_basic(o))
				continue;
			snprintf(s.name, sizeof(s.name), "%s/%s/%s", stub, kinds[k].name, operation_name(o));
			if (!meet(&s, job))
				return false;
		}
	}
	return true;
}

static bool all_denials(const struct job *job)
{
	const char *stub = under_test.name + strlen("shortcut_");

	for (unsigned h = 0; h < hook_count; h++)
		for (unsigned k = 0, tried = 0; k < kind_count && tried < 6; k++) {
			struct scenario s = { .group = DENIED, .kind = &kinds[k], .operation = operation(0), .hook = hooks[h] };

			if (!is_own(&kinds[k]))
				continue;
			tried++;
			snprintf(s.name, sizeof(s.name), "%s/%s/%s", stub, hooks[h], kinds[k].name);
			if (!meet(&s, job))
				return false;
		}
	return true;
}

static const struct partner *first_partner(void)
{
	for (unsigned p = 0; p < partner_count; p++)
		if (!strcmp(partners[p].family, under_test.family) && partners[p].way == way_of_stub())
			return &partners[p];
	return NULL;
}

static bool all_waiting(const struct job *job)
{
	const char *stub = under_test.name + strlen("shortcut_");

	for (unsigned p = 0; p < partner_count; p++)
		for (unsigned i = 0; i < blocking_count; i++) {
			struct scenario s = { .group = BLOCKING, .partner = &partners[p], .body = &blocking[i] };

			if (strcmp(partners[p].family, under_test.family) || partners[p].way != way_of_stub() ||
			    blocking[i].way != way_of_stub())
				continue;
			snprintf(s.name, sizeof(s.name), "%s/waits_%s/%s", stub, partners[p].name, blocking[i].name);
			if (!meet(&s, job))
				return false;
		}
	for (unsigned i = 0; i < other_count; i++) {
		struct scenario s = { .group = OTHER, .partner = first_partner(), .body = &others[i] };

		if (!other_fits(&others[i]))
			continue;
		snprintf(s.name, sizeof(s.name), "%s/%s", stub, others[i].name);
		if (!meet(&s, job))
			return false;
	}
	return true;
}

static void tell_costs(void)
{
	static const size_t sizes[] = { 1, 8, 64, 1024 };
	char text[4][24];
	int status;
	uint64_t costs[3];
	pid_t pid;

	for (unsigned i = 0; i < LENGTH(sizes); i++) {
		memset(notes, 0, sizeof(*notes));
		partner = first_partner();
		pid = fork();
		if (!pid) {
			bool any = costs_of_stub(sizes[i], costs);

			memcpy(notes->text, costs, sizeof(costs));
			_exit(!any);
		}
		if (waitpid(pid, &status, 0) != pid || status)
			continue;
		memcpy(costs, notes->text, sizeof(costs));
		snprintf(text[0], sizeof(text[0]), "%zu", sizes[i]);
		for (int s = SYSCALL; s <= GENERIC; s++)
			snprintf(text[1 + s], sizeof(text[1 + s]), "%lu", costs[s]);
		TELL("cost", under_test.name, "size", text[0], "syscall", text[1 + SYSCALL], "ordinary", text[1 + GENERIC], "stub", text[1 + STUB]);
	}
}

static char *contents(const char *path)
{
	struct stat about;
	int fd = open(path, O_RDONLY);
	char *text;

	if (fd < 0 || fstat(fd, &about) || !(text = calloc(1, about.st_size + 1)) || read(fd, text, about.st_size) != about.st_size) {
		perror(path);
		exit(3);
	}
	close(fd);
	return text;
}

int main(int argc, char **argv)
{
	struct job job = { .side = STUB };
	char *stubs = "", *name, number[20];
	int option;

	while ((option = getopt(argc, argv, "s:e:n:t:fcl")) != -1)
		switch (option) {
		case 's': /* what stands beside the system call */
			job.side = !strcmp(optarg, "stub") ? STUB : !strcmp(optarg, "ordinary") ? GENERIC : SYSCALL;
			break;
		case 'e': /* where results go */
			events = fcntl(open(optarg, O_WRONLY | O_NOCTTY), F_DUPFD, 501);
			break;
		case 'n': /* a file of scenarios' names, one a line */
			job.names = contents(optarg);
			break;
		case 't': /* the stubs' names, with commas between */
			stubs = optarg;
			break;
		case 'f':
			job.first_difference = true;
			break;
		case 'c':
			job.costs = true;
			break;
		case 'l':
			job.list = true;
			break;
		default:
			return 3;
		}
	job.prefixes = argv + optind;
	if (!job.list) {
		device = fcntl(open("/dev/ukl_shortcut", O_RDWR), F_DUPFD, 500);
		notes = mmap(NULL, sizeof(*notes), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		if (device < 0 || events < 0 || notes == MAP_FAILED) {
			perror("/dev/ukl_shortcut");
			return 3;
		}
	}
	while ((name = strsep(&stubs, ","))) {
		if (!find_stub(name)) {
			fprintf(stderr, "%s: no such stub in the module, or none that the tester knows\n", name);
			return 3;
		}
		if (job.costs) {
			tell_costs();
			continue;
		}
		if (!all_of_matrix(&job) || (way_of_stub() != ACCEPTS && !all_waiting(&job)) || !all_denials(&job))
			break;
	}
	if (job.list)
		return 0;
	snprintf(number, sizeof(number), "%d", parameter("repeated"));
	TELL("repeated", number);
	return 0;
}
