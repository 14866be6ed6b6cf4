/*
 * timed - run a command several times, and tell how long it takes.
 *
 *	timed [-u TEXT] RUNS COMMAND [ARGUMENT ...]
 *
 * The whole process counts, from its start until it has been waited for, its
 * output thrown away; with -u, until TEXT is in what it says on standard error,
 * and then it is ended with SIGTERM. Prints the median, the 99th percentile and
 * the worst, and the median of the processor time, all in milliseconds. The
 * processor time is that of the process and those it has waited for; with -u
 * that of the process.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "number.h"
#include "sample.h"
#include "spent.h"

#define SAID_BYTES 65536

extern char **environ;

struct task {
	const char *until; /* NULL: its end */
	uint64_t runs;
	char **command;
};

/* How long one run took, and what it cost. */
struct run {
	int64_t ns;
	int64_t spent_ns;
};

static _Noreturn void
usage(void)
{
	errx(2, "usage: timed [-u TEXT] RUNS COMMAND [ARGUMENT ...]");
}

static void
take_arguments(struct task *t, int argc, char *argv[])
{
	int option;

	*t = (struct task){.until = NULL};
	while ((option = getopt(argc, argv, "+u:")) != -1) {
		if (option != 'u' || *optarg == '\0')
			usage();
		t->until = optarg;
	}
	if (argc - optind < 2 ||
	    number_parse(argv[optind], 1, 1000000, &t->runs) < 0)
		usage();
	t->command = argv + optind + 1;
}

/* Its output goes nowhere, and its talk into talk unless that is -1. */
static pid_t
start(char *command[], int talk)
{
	posix_spawn_file_actions_t actions;
	int error;
	pid_t pid;

	if (posix_spawn_file_actions_init(&actions) != 0 ||
	    posix_spawn_file_actions_addopen(
		&actions, 1, "/dev/null", O_WRONLY, 0) != 0 ||
	    (talk >= 0 &&
		posix_spawn_file_actions_adddup2(&actions, talk, 2) != 0))
		errx(1, "no memory");
	error = posix_spawnp(&pid, *command, &actions, NULL, command, environ);
	if (error != 0)
		errx(1, "%s: %s", *command, strerror(error));
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

/*
 * A command may well say that it found nothing, and it may end of the SIGTERM
 * that it gets; it may not crash.
 */
static void
await_end(pid_t pid, const char *name, struct rusage *usage)
{
	int status;

	while (wait4(pid, &status, 0, usage) < 0)
		if (errno != EINTR)
			err(1, "wait");
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM)
		return;
	if (!WIFEXITED(status) || WEXITSTATUS(status) > 1)
		errx(1, "%s failed", name);
}

static struct run
run_whole(const struct task *t)
{
	int64_t began = clock_ns();
	struct rusage usage;
	struct run run;

	await_end(start(t->command, -1), *t->command, &usage);
	run.ns = clock_ns() - began;
	run.spent_ns = spent_ns_of(&usage);
	return run;
}

/* Read until text has been said. */
static void
await_text(int fd, const char *text)
{
	char said[SAID_BYTES];
	size_t len = 0;

	do {
		ssize_t n = read(fd, said + len, sizeof said - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			errx(1, "'%s' was never said: %.*s", text, (int)len,
			    said);
		len += (size_t)n;
	} while (!memmem(said, len, text, strlen(text)));
}

static struct run
run_until(const struct task *t)
{
	int64_t began = clock_ns();
	struct rusage usage;
	struct run run;
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		err(1, "pipe");
	pid = start(t->command, ends[1]);
	close(ends[1]);
	await_text(ends[0], t->until);
	run.ns = clock_ns() - began;
	run.spent_ns = spent_ns(pid);
	kill(pid, SIGTERM);
	await_end(pid, *t->command, &usage);
	close(ends[0]);
	return run;
}

int
main(int argc, char *argv[])
{
	struct sample times = {.count = 0}, spent = {.count = 0};
	struct task task;

	take_arguments(&task, argc, argv);
	for (uint64_t i = 0; i < task.runs; i++) {
		struct run run = task.until ? run_until(&task)
					    : run_whole(&task);

		sample_add(&times, run.ns);
		sample_add(&spent, run.spent_ns);
	}
	printf("%.4f %.4f %.4f %.4f\n",
	    clock_ms_of(sample_percentile(&times, 50)),
	    clock_ms_of(sample_percentile(&times, 99)),
	    clock_ms_of(sample_percentile(&times, 100)),
	    clock_ms_of(sample_percentile(&spent, 50)));
	sample_free(&times);
	sample_free(&spent);
	return 0;
}
