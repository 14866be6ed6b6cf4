/*
 * puppet - a server that follows a script, for tests of clients.
 *
 *	puppet [-k] [-n CONNECTIONS] [-t SECONDS] [-u FILE] SCRIPT...
 *
 * Listens at 127.0.0.1 and a port of the system's choice, prints
 *
 *	puppet: listening on 127.0.0.1:PORT
 *
 * and plays the first SCRIPT to the first connection, the second to the second
 * and so on, the last one to all that follow. With -u that one is kept back
 * until there is a FILE, and played to all from then on. Several connections
 * may be open at once. With -k who only knocks, ending without a word, is not
 * counted: clients speak first then, one after the other. After -n CONNECTIONS it takes no more, waits for those
 * it has, and exits. A signal ends it and all its connections at once; after
 * -t SECONDS, 120 by default, it sends itself SIGALRM, so that none is left
 * over from a broken test.
 *
 * A SCRIPT is one argument: a command a line; blanks before it and empty lines
 * do not count.
 *
 *	expect TEXT	read a line, which must be TEXT
 *	line		read any line and print "got: " and the line
 *	lines-until TEXT
 *			the same for all lines up to one that is TEXT
 *	head		read lines up to an empty one
 *	send TEXT	send TEXT, no line end added; \n \r \t \0 \xNN \\ are
 *			bytes as in C
 *	fill N		send N bytes "x"
 *	file PATH	send what the file holds
 *	part FROM N PATH
 *			send N of its bytes, from byte FROM on
 *	trickle MS PATH	send what it holds, a byte each MS milliseconds
 *	serve PATH	read a head and answer with the file, of ETag "v1", as an
 *			honest server does, with the rest alone if so asked; print
 *			"got: " and the lines that ask so (Range, If-Range)
 *	pause MS	do nothing for so long
 *	await PATH	do nothing until there is such a file
 *	half-close	end the sending side
 *	wait-close	read until the client ends its side
 *	close		close (the end of the script does so too)
 *	reset		close with a reset
 *
 * A line ends in LF, and a CR before that is dropped; it may have 64 KiB. As
 * in every server, closing with something unread resets the connection:
 * wait-close first when the client must see an orderly end.
 *
 * A conversation fails, with the reason on standard error, when a line is not
 * the one expected or the stream ends where a line should come. A client that
 * leaves while it is being sent to ends the script but fails nothing.
 *
 * Exit status: 0, 1 when a conversation failed, 2 bad usage or no listening.
 * It has nothing from the library: it stands for programs that are not ours.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "script.h"

#define SECONDS 120
#define BACKLOG 64

struct puppet {
	struct script *scripts;
	size_t n_scripts;
	size_t n_connections;
	size_t seconds;
	const char *until; /* this file exists, or NULL */
	bool knocks; /* do not count */
};

/* A connection being served by a thread of its own. */
struct conversation {
	struct conversation *before;
	pthread_t thread;
	const struct script *script;
	int fd;
	bool well;
};

static void
die(const char *what, int error)
{
	fprintf(stderr, "puppet: %s: %s\n", what, strerror(error));
	exit(2);
}

/* Returns a listening socket after having said where it listens. */
static int
announce(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t len = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) ||
	    listen(fd, BACKLOG) ||
	    getsockname(fd, (struct sockaddr *)&at, &len))
		die("listen", errno);
	printf("puppet: listening on 127.0.0.1:%d\n", ntohs(at.sin_port));
	fflush(stdout);
	return fd;
}

static int
accept_next(int listener)
{
	int fd;

	do
		fd = accept(listener, NULL, NULL);
	while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
	if (fd < 0)
		die("accept", errno);
	return fd;
}

static void *
converse(void *argument)
{
	struct conversation *c = argument;

	c->well = script_play(c->script, c->fd);
	return NULL;
}

static struct conversation *
start(struct conversation *before, const struct script *script, int fd)
{
	struct conversation *c = calloc(1, sizeof *c);
	int error;

	if (!c)
		die("connection", errno);
	c->before = before;
	c->script = script;
	c->fd = fd;
	error = pthread_create(&c->thread, NULL, converse, c);
	if (error)
		die("thread", error);
	return c;
}

/* Wait for all conversations; whether they went well. */
static bool
finish(struct conversation *last)
{
	struct conversation *before;
	bool well = true;

	for (; last; last = before) {
		before = last->before;
		pthread_join(last->thread, NULL);
		well &= last->well;
		free(last);
	}
	return well;
}

/* The script of the connection that n came before. */
static const struct script *
choose(const struct puppet *p, size_t n)
{
	size_t last = p->n_scripts - 1;

	if (p->until && access(p->until, F_OK) == 0)
		return p->scripts + last;
	if (p->until && last > 0)
		last--;
	return p->scripts + (n < last ? n : last);
}

/* Whether it has ended without a word, as soon as that is clear. */
static bool
only_knocks(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_PEEK) <= 0;
}

static int
serve(const struct puppet *p)
{
	struct conversation *last = NULL;
	int fd = announce();
	int client;

	alarm((unsigned)p->seconds);
	for (size_t n = 0; n < p->n_connections;) {
		client = accept_next(fd);
		if (p->knocks && only_knocks(client))
			close(client);
		else
			last = start(last, choose(p, n++), client);
	}
	close(fd);
	return finish(last) ? 0 : 1;
}

static void
parse_scripts(struct puppet *p, char **texts, size_t n)
{
	p->scripts = calloc(n, sizeof *p->scripts);
	if (!p->scripts)
		die("script", errno);
	for (; p->n_scripts < n; p->n_scripts++)
		p->scripts[p->n_scripts] = script_parse(texts[p->n_scripts]);
}

static void
free_scripts(struct puppet *p)
{
	for (size_t i = 0; i < p->n_scripts; i++)
		script_free(p->scripts + i);
	free(p->scripts);
}

static int
usage(void)
{
	fputs("usage: puppet [-k] [-n CONNECTIONS] [-t SECONDS] [-u FILE] "
	      "SCRIPT...\n",
	    stderr);
	return 2;
}

static bool
take_number(size_t *n)
{
	char *end;

	errno = 0;
	*n = strtoul(optarg, &end, 10);
	return !errno && !*end && *n > 0 && *n <= 1000000;
}

static bool
take_option(struct puppet *p, int c)
{
	switch (c) {
	case 'k':
		p->knocks = true;
		return true;
	case 'n':
		return take_number(&p->n_connections);
	case 't':
		return take_number(&p->seconds);
	case 'u':
		p->until = optarg;
		return true;
	default:
		return false;
	}
}

static bool
take_options(struct puppet *p, int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "+kn:t:u:")) != -1) {
		if (!take_option(p, c))
			return false;
	}
	return optind < argc;
}

int
main(int argc, char **argv)
{
	struct puppet p = {.n_connections = SIZE_MAX, .seconds = SECONDS};
	int status;

	signal(SIGPIPE, SIG_IGN);
	if (!take_options(&p, argc, argv))
		return usage();
	parse_scripts(&p, argv + optind, (size_t)(argc - optind));
	status = serve(&p);
	free_scripts(&p);
	return status;
}
