#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "indexd/handoff_place.h"
#include "lib/log.h"
#include "tap.h"

static char dir[] = "/tmp/t_indexd_handoff_place.XXXXXX";

static bool
opens(const char *path)
{
	struct handoff_place p;

	if (handoff_place_open(&p, path, 8080) < 0)
		return false;
	handoff_place_close(&p);
	return true;
}

static void
test_default(void)
{
	struct handoff_place p;
	struct stat st;

	setenv("XDG_RUNTIME_DIR", dir, 1);
	tap_ok(handoff_place_open(&p, NULL, 8080) == 0,
	    "a directory is made where there is none");
	tap_ok(fstat(p.directory, &st) == 0 && (st.st_mode & 07777) == 0700,
	    "that is open to us alone");
	tap_ok(strcmp(p.socket, "indexd-8080") == 0,
	    "one resident serves a port, at whichever address");
	handoff_place_close(&p);
	tap_ok(opens(NULL), "it is found again");
	chmod("naputils", 0750);
	tap_ok(!opens(NULL), "when others may look into it, it is refused");
	rmdir("naputils");
	tap_ok(mkdir("other", 0700) == 0 && symlink("other", "naputils") == 0 &&
		!opens(NULL),
	    "so is a symbolic link");
	unlink("naputils");
	close(open("naputils", O_CREAT | O_WRONLY, 0600));
	tap_ok(!opens(NULL), "so is a file");
	unlink("naputils");
	rmdir("other");
	if (geteuid() == 0) {
		tap_ok(mkdir("naputils", 0700) == 0 &&
			chown("naputils", 65534, 0) == 0 && !opens(NULL),
		    "so is another user's");
		rmdir("naputils");
	}
}

static void
test_given(void)
{
	char name[HANDOFF_NAME_BYTES + 8], path[300];

	tap_ok(opens("socket"), "a name alone lies where we stand");
	snprintf(path, sizeof path, "%s/socket", dir);
	tap_ok(opens(path), "a path may be given");
	tap_ok(!opens("nowhere/socket"), "its directory must be there");
	tap_ok(!opens("") && !opens("directory/"), "a name is wanted");
	memset(name, 'x', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	tap_ok(!opens(name), "one that is too long is refused");
	name[HANDOFF_NAME_BYTES - 6] = '\0';
	tap_ok(opens(name), "one that just fits is not");
	chmod(dir, 0755);
	tap_ok(opens("socket"), "others may look into its directory");
	chmod(dir, 0775);
	tap_ok(!opens("socket"), "but not change it");
	chmod(dir, 01777);
	tap_ok(!opens("socket"), "even if they may add to it only");
	chmod(dir, 0700);
}

static void
test_socket(void)
{
	struct handoff_place p;
	struct stat st;
	char long_name[201] = {0};
	int bound, to;

	/* Deeper than a socket's address reaches. */
	memset(long_name, 'd', sizeof long_name - 1);
	if (mkdir(long_name, 0700) < 0 || chdir(long_name) < 0)
		abort();
	if (handoff_place_open(&p, "s", 1) < 0)
		abort();
	if (chdir(dir) < 0)
		abort();
	tap_ok(handoff_place_dial(&p) < 0 && errno == ENOENT,
	    "at first nobody is there");
	bound = handoff_place_bind(&p);
	tap_ok(bound >= 0, "a resident is, once it has its socket");
	tap_ok(
	    fstatat(p.directory, "s", &st, 0) == 0 && (st.st_mode & 077) == 0,
	    "which is open to us alone");
	to = handoff_place_dial(&p);
	tap_ok(to >= 0 && send(to, "x", 1, 0) == 1, "it can be written to");
	close(to);
	close(bound);
	tap_ok(handoff_place_dial(&p) < 0 && errno == ECONNREFUSED,
	    "nobody is there again once it has gone");
	bound = handoff_place_bind(&p);
	tap_ok(bound >= 0, "another takes its place");
	close(bound);
	unlinkat(p.directory, "s", 0);
	close(openat(p.directory, "s", O_CREAT | O_WRONLY, 0600));
	tap_ok(handoff_place_bind(&p) < 0 && errno == EEXIST,
	    "a file that is no socket is left alone");
	tap_ok(access(long_name, F_OK) == 0, "we stand where we stood");
	unlinkat(p.directory, "s", 0);
	handoff_place_close(&p);
	rmdir(long_name);
}

static void
test_lock(void)
{
	struct handoff_place p;
	int lock, status;
	char byte;
	int pair[2];
	pid_t child;

	if (handoff_place_open(&p, "socket", 1) < 0 || pipe(pair) < 0)
		abort();
	lock = handoff_place_lock(&p);
	tap_ok(lock >= 0, "who comes first has the lock");
	child = fork();
	if (child == 0) {
		close(lock);
		lock = handoff_place_lock(&p);
		_exit(lock < 0 || write(pair[1], "2", 1) != 1);
	}
	(void)!write(pair[1], "1", 1);
	handoff_place_unlock(lock);
	tap_ok(waitpid(child, &status, 0) == child && status == 0 &&
		read(pair[0], &byte, 1) == 1 && byte == '1',
	    "and who comes then waits for it");
	close(pair[0]);
	close(pair[1]);
	unlinkat(p.directory, p.lock, 0);
	handoff_place_close(&p);
}

int
main(void)
{
	alarm(60);
	umask(022);
	log_open("t_indexd_handoff_place", LOG_LEVEL_INFO);
	if (!mkdtemp(dir) || chdir(dir) < 0)
		return 1;
	test_default();
	test_given();
	test_socket();
	test_lock();
	if (chdir("/") == 0)
		rmdir(dir);
	return tap_done();
}
