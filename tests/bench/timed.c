/*
 * timed - run a command several times, and tell how long it takes.
 *
 *	timed RUNS COMMAND [ARGUMENT ...]
 *
 * The whole process counts, from its start until it has been waited for, its
 * output thrown away. Prints the median, the 99th percentile and the worst, in
 * milliseconds.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "clock.h"
#include "number.h"
#include "sample.h"

extern char **environ;

/* A command may well say that it found nothing; it may not crash. */
static int64_t
run_once(const posix_spawn_file_actions_t *actions, char *command[])
{
	int64_t start = clock_ns();
	struct rusage usage;
	int status, error;
	pid_t pid;

	error = posix_spawnp(&pid, *command, actions, NULL, command, environ);
	if (error != 0)
		errx(1, "%s: %s", *command, strerror(error));
	while (wait4(pid, &status, 0, &usage) < 0)
		if (errno != EINTR)
			err(1, "wait");
	if (!WIFEXITED(status) || WEXITSTATUS(status) > 1)
		errx(1, "%s failed", *command);
	return clock_ns() - start;
}

int
main(int argc, char *argv[])
{
	posix_spawn_file_actions_t actions;
	struct sample times = {.count = 0};
	uint64_t runs;

	if (argc < 3 || number_parse(argv[1], 1, 1000000, &runs) < 0)
		errx(2, "usage: timed RUNS COMMAND [ARGUMENT ...]");
	if (posix_spawn_file_actions_init(&actions) != 0 ||
	    posix_spawn_file_actions_addopen(
		&actions, 1, "/dev/null", O_WRONLY, 0) != 0)
		errx(1, "no memory");
	for (uint64_t i = 0; i < runs; i++)
		sample_add(&times, run_once(&actions, argv + 2));
	printf("%.4f %.4f %.4f\n", clock_ms_of(sample_percentile(&times, 50)),
	    clock_ms_of(sample_percentile(&times, 99)),
	    clock_ms_of(sample_percentile(&times, 100)));
	posix_spawn_file_actions_destroy(&actions);
	sample_free(&times);
	return 0;
}
