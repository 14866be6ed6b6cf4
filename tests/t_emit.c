#include "lib/emit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

#define BYTES (1024 * 1024)

static char data[BYTES];

/* A process that reads what is data, to its end, a piece after the other. */
static pid_t
start_reader(const int ends[2])
{
	char piece[3000];
	size_t at = 0;
	ssize_t n;
	pid_t child = fork();

	if (child != 0)
		return child;
	alarm(60);
	close(ends[1]);
	while ((n = read(ends[0], piece, sizeof piece)) > 0) {
		if (at + (size_t)n > sizeof data ||
		    memcmp(piece, data + at, (size_t)n) != 0)
			_exit(1);
		at += (size_t)n;
		usleep(50);
	}
	_exit(at != sizeof data);
}

static bool
ends_well(pid_t child)
{
	int status;

	return waitpid(child, &status, 0) == child && WIFEXITED(status) &&
	    WEXITSTATUS(status) == 0;
}

static void
test_pipe(int flags, const char *sentence)
{
	struct slice all = {data, sizeof data};
	int ends[2];
	pid_t reader;

	if (pipe2(ends, flags) < 0)
		abort();
	fcntl(ends[0], F_SETFL, 0);
	reader = start_reader(ends);
	close(ends[0]);
	tap_ok(emit(ends[1], all) == 0, "%s", sentence);
	close(ends[1]);
	tap_ok(ends_well(reader), "and arrives");
}

static void
test_errors(void)
{
	struct slice some = SLICE("la");
	int ends[2], full = open("/dev/full", O_WRONLY);

	if (pipe(ends) < 0)
		abort();
	close(ends[0]);
	signal(SIGPIPE, SIG_IGN);
	errno = 0;
	tap_ok(emit(ends[1], some) < 0 && errno == EPIPE,
	    "a pipe that nobody reads is an error");
	close(ends[1]);
	errno = 0;
	tap_ok(emit(full, some) < 0 && errno == ENOSPC, "so is a full disk");
	close(full);
	errno = 0;
	tap_ok(emit(-1, some) < 0 && errno == EBADF, "and no descriptor");
	tap_is_num(emit(-1, SLICE("")), 0, "nothing can be written anywhere");
}

int
main(void)
{
	alarm(60);
	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (char)(i * 7 + i / 251);
	test_pipe(0, "what a pipe has no room for waits");
	test_pipe(O_NONBLOCK, "also where writing to it does not");
	test_errors();
	return tap_done();
}
