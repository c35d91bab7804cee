/* Both sides of each scenario, and the comparison of what they noted. */
#include "tester.h"

#include <sys/file.h>
#include <sys/wait.h>

static void child(const struct scenario *scenario)
{
	prepare();
	partner = scenario->partner;
	if (scenario->kind && scenario->kind->anonymous)
		anonymous_inode(LOCK_EX);
	else if (partner && !strcmp(partner->name, "eventfd"))
		anonymous_inode(LOCK_SH);
	alarm(scenario->group == OTHER ? 100 : 8);
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

/* Puts what nothing tells in the place of a part of the notes, if the stub left just that. */
static void forget(struct notes *expected, const struct notes *seen, const char *part, const char *nothing)
{
	char *start = strstr(expected->text, part), *end = start ? strchr(start + 1, ';') : NULL;
	char rest[sizeof(expected->text)];

	if (!end || !strstr(seen->text, nothing))
		return;
	snprintf(rest, sizeof(rest), "%s%s", nothing, end + 1);
	snprintf(start, sizeof(expected->text) - (start - expected->text), "%s", rest);
}

static bool is_denial(const struct scenario *scenario)
{
	return scenario->group == DENIED || (scenario->group == OTHER && body_is_denied(scenario->body));
}

/* Whether the stub did what the system call does less the effects that it leaves out. */
static bool differs_by(unsigned dropped, const struct scenario *scenario, const struct notes *before, const struct notes *seen)
{
	static struct notes expected;

	expected = *before;
	if (is_denial(scenario) && dropped & (LSM | FSNOTIFY)) {
		permitted = true;
		run(&expected, SYSCALL, scenario);
		permitted = false;
	}
	if (dropped & FSNOTIFY)
		forget(&expected, seen, "; events", "; events;");
	if (dropped & ACCOUNTING)
		forget(&expected, seen, "; io", "; io 0 0 0 0;");
	return !strcmp(expected.text, seen->text);
}

static bool is_deterministic(const struct scenario *scenario) { return scenario->group == MATRIX || scenario->group == DENIED; }

/* A difference stands unless the system call itself, asked again, also does what the stub did; but for
 * long ones, it must show twice. What is deterministic is done twice by the stub and must
 * come out alike.
 */
enum outcome compare(const struct scenario *scenario, enum side other, unsigned dropped, struct notes *before, struct notes *seen)
{
	static struct notes again;

	run(before, SYSCALL, scenario);
	run(seen, other, scenario);
	if (is_deterministic(scenario) && !seen->skipped && !strcmp(before->text, seen->text))
		run(seen, other, scenario);
	if (before->skipped && seen->skipped)
		return SKIPPED;
	if (!strcmp(before->text, seen->text))
		return EQUAL;
	if (dropped && differs_by(dropped, scenario, before, seen))
		return DROPPED;
	for (int tries = 0; tries < 5; tries++) {
		run(&again, SYSCALL, scenario);
		if (!strcmp(again.text, seen->text) || (dropped && differs_by(dropped, scenario, &again, seen)))
			return UNSTABLE;
	}
	if (scenario->group == OTHER)
		return DIFFERENT;
	run(&again, other, scenario);
	return strcmp(again.text, before->text) ? DIFFERENT : UNSTABLE;
}
