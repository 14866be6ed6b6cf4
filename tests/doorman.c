/*
 * doorman - a super-server as inetd is one, for tests of what it starts.
 *
 *	doorman [-w] [-t SECONDS] COMMAND [ARGUMENT...]
 *
 * Listens at 127.0.0.1 and a port of the system's choice, prints
 *
 *	doorman: listening on 127.0.0.1:PORT
 *
 * and runs COMMAND for each connection, which is its descriptors 0, 1 and 2.
 * Of each that ends it prints
 *
 *	doorman: PID ended with STATUS
 *
 * where a signal counts as 128 and its number. With -w it does not accept
 * connections: when there is one, COMMAND gets the listening socket instead, one
 * at a time, and again when it has ended and there is another connection. All
 * other descriptors that doorman was started with are left open in COMMAND. It
 * ends on a signal, what it has started lives on; after -t SECONDS, 120 by
 * default, it sends itself SIGALRM.
 *
 * Exit status: 2 bad usage or no listening. It has nothing from the library: it
 * stands for programs that are not ours.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECONDS 120
#define BACKLOG 256

static void
die(const char *what)
{
	fprintf(stderr, "doorman: %s: %s\n", what, strerror(errno));
	exit(2);
}

static int
announce(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t len = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) ||
	    listen(fd, BACKLOG) ||
	    getsockname(fd, (struct sockaddr *)&at, &len))
		die("listen");
	printf("doorman: listening on 127.0.0.1:%d\n", ntohs(at.sin_port));
	fflush(stdout);
	return fd;
}

static void
on_child(int number)
{
	(void)number;
}

/* From now on SIGCHLD comes while we wait, and then alone; so it is on return. */
static sigset_t
hold_children(void)
{
	struct sigaction act = {.sa_handler = on_child};
	sigset_t chld, before;

	sigaction(SIGCHLD, &act, NULL);
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, &before);
	return before;
}

static pid_t
run(char **command, int fd, const sigset_t *mask)
{
	pid_t child = fork();

	if (child < 0)
		die("fork");
	if (child > 0)
		return child;
	for (int i = 0; i <= 2; i++)
		dup2(fd, i);
	sigprocmask(SIG_SETMASK, mask, NULL);
	execvp(command[0], command);
	_exit(127);
}

/* Tell of all that have ended; whether child is one of them. */
static bool
bury(pid_t child)
{
	bool found = false;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		printf("doorman: %ld ended with %d\n", (long)pid,
		    WIFEXITED(status) ? WEXITSTATUS(status)
				      : 128 + WTERMSIG(status));
		fflush(stdout);
		found |= pid == child;
	}
	return found;
}

_Noreturn static void
stand(int listener, bool wait, char **command)
{
	sigset_t mask = hold_children();
	struct pollfd door = {.fd = listener, .events = POLLIN};
	pid_t busy = 0; /* with the listener */
	int client;

	for (;;) {
		int n = ppoll(&door, busy == 0, NULL, &mask);

		if (bury(busy))
			busy = 0;
		if (n <= 0)
			continue;
		if (wait) {
			busy = run(command, listener, &mask);
			continue;
		}
		client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (client < 0)
			continue;
		run(command, client, &mask);
		close(client);
	}
}

int
main(int argc, char **argv)
{
	int seconds = SECONDS, c;
	bool wait = false;

	while ((c = getopt(argc, argv, "+wt:")) != -1) {
		if (c == 'w')
			wait = true;
		else if (c != 't' || (seconds = atoi(optarg)) < 1)
			return 2;
	}
	if (optind == argc) {
		fputs("usage: doorman [-w] [-t SECONDS] COMMAND "
		      "[ARGUMENT...]\n",
		    stderr);
		return 2;
	}
	alarm((unsigned)seconds);
	stand(announce(), wait, argv + optind);
}
