/*
 * seed - stands in for the original napster program, its faults included, for
 * tests of compatibility.
 *
 *	seed index		its server
 *	seed peer DIRECTORY	what serves files in its client
 *	seed client HOST:PORT PORT NAME [FILE...]
 *				its client: announces FILEs, searches NAME
 *
 * The servers take a free port of 127.0.0.1 (the index as an IPv6 socket that
 * takes IPv4 too, as the original's does) and print "seed: listening on
 * 127.0.0.1:PORT". They run until they are killed.
 *
 * The index hangs up on a first line other than HELLO and a port, on DONE, and
 * on a name that is not ASCII (the original: not UTF-8); never forgets a peer;
 * and prints an IPv4 peer as ::ffff:1.2.3.4:port. The peer answers "GET name"
 * with the bytes of the file and a close, and with a close alone when it has
 * none. The client dies on any answer to a search but "ipv4:port" and "END",
 * and reads an answer with one call; it exits with 1 then.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HITS 65536
#define LINE 8192

/* What the index knows: never forgotten. */
static struct {
	pthread_mutex_t lock;
	char *names[HITS];
	char *peers[HITS];
	size_t count;
} known = {.lock = PTHREAD_MUTEX_INITIALIZER};

struct caller {
	FILE *in;
	FILE *out;
	char host[INET6_ADDRSTRLEN];
};

static _Noreturn void
fail(const char *what)
{
	fprintf(stderr, "seed: %s: %s\n", what, strerror(errno));
	exit(1);
}

static char *
copy(const char *text)
{
	char *made = strdup(text);

	if (!made)
		fail("memory");
	return made;
}

/* A line without its end; false at the end of the stream. */
static bool
next_line(FILE *in, char line[LINE])
{
	if (!fgets(line, LINE, in))
		return false;
	line[strcspn(line, "\n")] = '\0';
	return true;
}

static bool
is_ascii(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text & 0x80)
			return false;
	return true;
}

static void
learn(const char *name, const char *peer)
{
	pthread_mutex_lock(&known.lock);
	if (known.count < HITS) {
		known.names[known.count] = copy(name);
		known.peers[known.count++] = copy(peer);
	}
	pthread_mutex_unlock(&known.lock);
}

static void
answer(FILE *out, const char *name)
{
	pthread_mutex_lock(&known.lock);
	for (size_t i = 0; i < known.count; i++)
		if (strcmp(known.names[i], name) == 0)
			fprintf(out, "%s\n", known.peers[i]);
	pthread_mutex_unlock(&known.lock);
	fprintf(out, "END\n");
	fflush(out);
}

static void
converse(struct caller *caller)
{
	char line[LINE], peer[INET6_ADDRSTRLEN + 8], end;
	unsigned port;

	if (!next_line(caller->in, line) ||
	    sscanf(line, "HELLO %u%c", &port, &end) != 1)
		return;
	snprintf(peer, sizeof peer, "%s:%u", caller->host, port % 65536);
	while (next_line(caller->in, line) && is_ascii(line)) {
		if (strcmp(line, "DONE") == 0)
			return;
		if (strncmp(line, "FILE ", 5) == 0)
			learn(line + 5, peer);
		else if (strncmp(line, "SEARCH ", 7) == 0)
			answer(caller->out, line + 7);
	}
}

static void
give(struct caller *caller)
{
	char line[LINE], bytes[65536];
	ssize_t n;
	int fd;

	if (!next_line(caller->in, line) || strncmp(line, "GET ", 4) != 0)
		return;
	fd = open(line + 4, O_RDONLY);
	if (fd < 0)
		return;
	while ((n = read(fd, bytes, sizeof bytes)) > 0)
		fwrite(bytes, 1, (size_t)n, caller->out);
	close(fd);
}

static void (*serve_caller)(struct caller *);

static void *
run_caller(void *arg)
{
	struct caller *caller = arg;

	serve_caller(caller);
	fclose(caller->out);
	fclose(caller->in);
	free(caller);
	return NULL;
}

static void
accept_caller(int listener)
{
	struct sockaddr_in6 from;
	socklen_t size = sizeof from;
	int fd = accept(listener, (struct sockaddr *)&from, &size);
	struct caller *caller = calloc(1, sizeof *caller);
	pthread_t thread;

	if (fd < 0 || !caller)
		fail("accept");
	inet_ntop(AF_INET6, &from.sin6_addr, caller->host, sizeof caller->host);
	caller->in = fdopen(fd, "r");
	caller->out = fdopen(dup(fd), "w");
	if (!caller->in || !caller->out ||
	    pthread_create(&thread, NULL, run_caller, caller) != 0)
		fail("serve");
	pthread_detach(thread);
}

static _Noreturn void
serve(void (*one)(struct caller *))
{
	struct sockaddr_in6 at = {.sin6_family = AF_INET6};
	socklen_t size = sizeof at;
	int listener = socket(AF_INET6, SOCK_STREAM, 0), off = 0;

	inet_pton(AF_INET6, "::ffff:127.0.0.1", &at.sin6_addr);
	setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
	if (bind(listener, (struct sockaddr *)&at, sizeof at) < 0 ||
	    listen(listener, 64) < 0 ||
	    getsockname(listener, (struct sockaddr *)&at, &size) < 0)
		fail("listen");
	printf("seed: listening on 127.0.0.1:%u\n", ntohs(at.sin6_port));
	fflush(stdout);
	serve_caller = one;
	for (;;)
		accept_caller(listener);
}

static int
dial(const char *where)
{
	struct sockaddr_in to = {.sin_family = AF_INET};
	const char *colon = strrchr(where, ':');
	char host[64] = "";
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (colon)
		strncat(host, where, (size_t)(colon - where) % sizeof host);
	if (!colon || inet_pton(AF_INET, host, &to.sin_addr) != 1)
		fail("HOST:PORT");
	to.sin_port = htons((uint16_t)atoi(colon + 1));
	if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0)
		fail("connect");
	return fd;
}

/* The original takes the first line of one read, and whatever it says. */
static void
read_answer(int fd)
{
	char text[4096], *end, host[INET_ADDRSTRLEN], junk;
	ssize_t n = read(fd, text, sizeof text - 1);
	struct in_addr ip;
	unsigned port;

	if (n <= 0)
		fail("no answer");
	text[n] = '\0';
	end = strchr(text, '\n');
	if (!end)
		fail("half an answer");
	*end = '\0';
	puts(text);
	if (strcmp(text, "END") == 0)
		return;
	if (sscanf(text, "%15[0-9.]:%u%c", host, &port, &junk) != 2 ||
	    inet_pton(AF_INET, host, &ip) != 1 || port == 0)
		fail("an answer it dies on");
}

static int
client(char *argv[])
{
	int fd = dial(argv[2]);

	dprintf(fd, "HELLO %s\n", argv[3]);
	for (char **file = argv + 5; *file; file++)
		dprintf(fd, "FILE %s\n", *file);
	dprintf(fd, "DONE\n");
	dprintf(fd, "SEARCH %s\n", argv[4]);
	read_answer(fd);
	close(fd);
	return 0;
}

int
main(int argc, char *argv[])
{
	signal(SIGPIPE, SIG_IGN);
	if (argc == 2 && strcmp(argv[1], "index") == 0)
		serve(converse);
	if (argc == 3 && strcmp(argv[1], "peer") == 0) {
		if (chdir(argv[2]) < 0)
			fail(argv[2]);
		serve(give);
	}
	if (argc >= 5 && strcmp(argv[1], "client") == 0)
		return client(argv);
	fprintf(stderr,
	    "usage: seed index | peer DIR | client HOST:PORT PORT "
	    "NAME [FILE...]\n");
	return 2;
}
