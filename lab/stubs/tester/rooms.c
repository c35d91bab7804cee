/* Testers side by side. Each has a room: networks, files and mounts of its own, so that no scenario
 * sees what another does.
 */
#include "tester.h"

#include <net/if.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* What the rooms share. */
struct shared_list {
	bool ended;
	unsigned char taken[]; /* by a scenario's place in the list */
};
static struct shared_list *list;

static void stop(const char *what)
{
	perror(what);
	_exit(3);
}

/* False, and no such folder, where the kernel has no such file system. */
static bool mount_at(const char *folder, const char *type, const char *device)
{
	mkdir(folder, 0755);
	if (!mount(device, folder, type, 0, NULL))
		return true;
	rmdir(folder);
	return false;
}

/* The loopback device is down in a new network. */
static void network(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request))
		stop("lo");
	close(fd);
}

/* /proc and /sys have inodes of their own in these namespaces, once mounted there. */
static void unshare_all(void)
{
	pid_t pid;
	int status;

	if (unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		stop("namespaces");
	pid = fork();
	if (pid) {
		waitpid(pid, &status, 0);
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 3);
	}
	if (!mount_at("/proc", "proc", "proc") || !mount_at("/sys", "sysfs", "sys"))
		stop("/proc or /sys");
}

static const char *const places[][2] = { { "/tmp", "tmpfs" }, { "/dev/shm", "tmpfs" }, { "/ramfs", "ramfs" } };

char spare_disk[20];

/* A room has two disks. */
static void enter(unsigned number, bool alone)
{
	char disk[20];

	if (!alone) /* a kernel without namespaces has one room */
		unshare_all();
	network();
	for (unsigned i = 0; i < LENGTH(places); i++)
		if (!mount_at(places[i][0], places[i][1], "room"))
			stop(places[i][0]);
	snprintf(disk, sizeof(disk), "/dev/loop%u", 2 * number);
	snprintf(spare_disk, sizeof(spare_disk), "/dev/loop%u", 2 * number + 1);
	mount_at("/ext4", "ext4", disk);
}

static void leave(void)
{
	umount2("/ext4", MNT_DETACH);
	for (unsigned i = 0; i < LENGTH(places); i++)
		umount2(places[i][0], MNT_DETACH);
}

bool in_rooms(unsigned count, unsigned scenarios, bool (*work)(void *), void *argument)
{
	bool good = true;
	int status;

	list = mmap(NULL, sizeof(*list) + scenarios, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (list == MAP_FAILED)
		stop("list");
	for (unsigned i = 0; i < count; i++)
		if (!fork()) {
			enter(i, count == 1);
			good = work(argument);
			leave();
			_exit(good ? 0 : 3);
		}
	while (wait(&status) > 0)
		good = good && !status;
	return good;
}

bool take(unsigned scenario)
{
	return !list->ended && !__atomic_exchange_n(&list->taken[scenario], 1, __ATOMIC_SEQ_CST);
}

void take_no_more(void) { list->ended = true; }

/* The locks are files that all rooms have; who waits holds the queue, so that nobody passes. */
void anonymous_inode(int how)
{
	static int queue, lock;

	if (!queue) {
		queue = fcntl(open("/lab/run", O_RDONLY), F_DUPFD, 503);
		lock = fcntl(open("/lab/tester", O_RDONLY), F_DUPFD, 503);
	}
	flock(queue, how);
	flock(lock, how);
	flock(queue, LOCK_UN);
}
