/* Which scenarios there are, and what the host reads: a JSON object a line. */
#include "tester.h"

#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "ukl_shortcut_ioctl.h"

static int events = STDOUT_FILENO;

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

static bool is_own(const struct kind *kind) { return !strcmp(kind->family, under_test.family); }

static bool compared(const struct scenario *scenario, enum side other, unsigned dropped)
{
	static const char *const results[] = { "skipped", "equal", "dropped", "unstable", "different" };
	static struct notes expected, seen;
	enum outcome outcome;

	TELL("start", scenario->name);
	outcome = compare(scenario, other, dropped, &expected, &seen);
	TELL("scenario", scenario->name, "stub", under_test.name, "result", results[outcome],
	     "own", scenario->kind && is_own(scenario->kind) ? "yes" : NULL,
	     "expected", outcome > EQUAL ? expected.text : NULL, "seen", outcome > EQUAL ? seen.text : NULL);
	return outcome != DIFFERENT;
}

struct job {
	enum side side;
	bool list, first_difference; /* only print names; end at the first difference */
	bool costs;                  /* in place of scenarios */
	unsigned dropped;            /* effects */
	char *stubs, **parts;        /* to list: names with one of these in them, or all */
	const char *next;            /* to run: names, one a line, in the order of the walk */
	unsigned number;             /* of the next in that list */
};

static bool has_part(const char *name, char **parts)
{
	for (char **part = parts; *part; part++)
		if (strstr(name, *part))
			return true;
	return !*parts;
}

/* Whether it is the next in the list, which goes on behind it then. */
static bool is_next(const char *name, struct job *job)
{
	size_t length = strlen(name);

	if (strncmp(job->next, name, length) || job->next[length] != '\n')
		return false;
	job->next += length + 1;
	return true;
}

/* Returns whether to go on. */
static bool consider(const struct scenario *scenario, struct job *job)
{
	if (job->list)
		return !has_part(scenario->name, job->parts) || puts(scenario->name) >= 0;
	if (!is_next(scenario->name, job) || !take(job->number++))
		return true;
	if (compared(scenario, job->side, job->dropped) || !job->first_difference)
		return true;
	take_no_more();
	return false;
}

/* Of another family one kind stands for all; of what has no stubs each is tried. */
static bool stands_for_its_family(const struct kind *kind)
{
	return !kind->family[0] || kind == kinds || strcmp(kind->family, kind[-1].family);
}

/* On its own kinds a stub is called in every way; wrong ways on some, where there are many. On those of
 * other families it is called in a few ways, and on what has no stubs in the plainest.
 */
static bool is_worth_it(const struct kind *kind, unsigned place, const struct operation *o)
{
	if (is_own(kind))
		return operation_is_basic(o) || !operation_is_wrong(o) || place < 8 || place % 4 == 0;
	return operation_is_basic(o) && (kind->family[0] || o == first_basic_operation());
}

/* What is full takes long to fill, and matters to who writes. */
static bool matters(const struct kind *kind)
{
	size_t length = strlen(kind->name);

	return way_of_stub() == WRITES || length < 5 || strcmp(kind->name + length - 5, "_full");
}

static bool all_of_matrix(struct job *job)
{
	const char *stub = under_test.name + strlen("shortcut_");

	for (unsigned k = 0, own = 0; k < kind_count; k++) {
		const struct operation *o;

		own += is_own(&kinds[k]);
		if (!matters(&kinds[k]) || (!is_own(&kinds[k]) && !stands_for_its_family(&kinds[k])))
			continue;
		for (unsigned i = 0; (o = operation(i)); i++) {
			struct scenario s = { .group = MATRIX, .kind = &kinds[k], .operation = o };

			if (!is_worth_it(&kinds[k], own, o))
				continue;
			snprintf(s.name, sizeof(s.name), "%s/%s/%s", stub, kinds[k].name, operation_name(o));
			if (!consider(&s, job))
				return false;
		}
	}
	return true;
}

static bool all_denials(struct job *job)
{
	const char *stub = under_test.name + strlen("shortcut_");

	for (unsigned h = 0; h < hook_count; h++)
		for (unsigned k = 0, tried = 0; k < kind_count && tried < 6; k++) {
			struct scenario s = { .group = DENIED, .kind = &kinds[k], .operation = operation(0), .hook = hooks[h] };

			if (!is_own(&kinds[k]))
				continue;
			tried++;
			snprintf(s.name, sizeof(s.name), "%s/%s/%s", stub, hooks[h], kinds[k].name);
			if (!consider(&s, job))
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

static bool all_waiting(struct job *job)
{
	const char *stub = under_test.name + strlen("shortcut_");

	for (unsigned p = 0; p < partner_count; p++)
		for (unsigned i = 0; i < blocking_count; i++) {
			struct scenario s = { .group = BLOCKING, .partner = &partners[p], .body = &blocking[i] };

			if (!blocking_fits(&blocking[i], &partners[p]))
				continue;
			snprintf(s.name, sizeof(s.name), "%s/waits_%s/%s", stub, partners[p].name, blocking[i].name);
			if (!consider(&s, job))
				return false;
		}
	for (unsigned i = 0; i < other_count; i++) {
		struct scenario s = { .group = OTHER, .partner = first_partner(), .body = &others[i] };

		if (!other_fits(&others[i]))
			continue;
		snprintf(s.name, sizeof(s.name), "%s/%s", stub, others[i].name);
		if (!consider(&s, job))
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

/* The text of a file, and how many lines it has. */
static const char *contents(const char *path, unsigned *lines)
{
	struct stat about;
	int fd = open(path, O_RDONLY);
	char *text;

	if (fd < 0 || fstat(fd, &about) || !(text = calloc(1, about.st_size + 1)) || read(fd, text, about.st_size) != about.st_size) {
		perror(path);
		exit(3);
	}
	close(fd);
	*lines = 0;
	for (char *at = text; *at; at++)
		*lines += *at == '\n';
	return text;
}

/* Those that a scenario can show. */
static unsigned effects(const char *names)
{
	return (strstr(names, "lsm") ? LSM : 0) | (strstr(names, "fsnotify") ? FSNOTIFY : 0) |
	       (strstr(names, "accounting") ? ACCOUNTING : 0);
}

/* All that is wanted of all stubs; false where one isn't there. */
static bool walk(void *argument)
{
	struct job *job = argument;
	char *stubs = job->stubs, *name;

	if (!job->list) {
		device = fcntl(open("/dev/ukl_shortcut", O_RDWR), F_DUPFD, 500);
		notes = mmap(NULL, sizeof(*notes), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		if (device < 0 || notes == MAP_FAILED) {
			perror("/dev/ukl_shortcut");
			return false;
		}
	}
	while ((name = strsep(&stubs, ","))) {
		if (!find_stub(name)) {
			fprintf(stderr, "%s: no such stub in the module, or none that the tester knows\n", name);
			return false;
		}
		if (job->costs)
			tell_costs();
		else if (!all_of_matrix(job) || (way_of_stub() != ACCEPTS && !all_waiting(job)) || !all_denials(job))
			break;
	}
	return true;
}

int main(int argc, char **argv)
{
	struct job job = { .side = STUB, .stubs = "", .next = "" };
	unsigned scenarios = 0, rooms = 1;
	char number[20], unpaired[20];
	int option;

	while ((option = getopt(argc, argv, "s:e:n:t:r:d:fcl")) != -1)
		switch (option) {
		case 's': /* what stands beside the system call */
			job.side = !strcmp(optarg, "stub") ? STUB : !strcmp(optarg, "ordinary") ? GENERIC : SYSCALL;
			break;
		case 'e': /* where results go */
			events = fcntl(open(optarg, O_WRONLY | O_NOCTTY), F_DUPFD, 501);
			break;
		case 'n': /* a file of scenarios' names, one a line */
			job.next = contents(optarg, &scenarios);
			break;
		case 't': /* the stubs' names, with commas between */
			job.stubs = optarg;
			break;
		case 'r': /* how many testers work side by side */
			rooms = atoi(optarg);
			break;
		case 'd': /* the effects that the stubs leave out, with commas between */
			job.dropped = effects(optarg);
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
	job.parts = argv + optind;
	if (job.list)
		return walk(&job) ? 0 : 3;
	if (events < 0 || !in_rooms(rooms, scenarios, walk, &job))
		return 3;
	snprintf(number, sizeof(number), "%d", parameter("repeated"));
	snprintf(unpaired, sizeof(unpaired), "%d", parameter(UKL_SHORTCUT_LEFT) - parameter(UKL_SHORTCUT_ENTERED));
	TELL("repeated", number, "unpaired", unpaired);
	return 0;
}
