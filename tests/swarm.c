/*
 * swarm - many peers of an index in one process, for tests of its scale.
 *
 *	swarm HOST PORT PEERS FILES
 *
 * Registers PEERS peers (version 2) with FILES files each, peer P's file F
 * being "peer P/a song of some length, track F of many.mp3", prints "swarm:
 * ready" once each has been answered that all its files are searchable, and
 * stays until standard input ends or it is killed, which ends them all. Who is
 * asked meanwhile whether he lives says so.
 *
 * Exit status: 0, 1 when the index did not answer as it should, 2 bad usage.
 * It has nothing from the library: it stands for programs that are not ours.
 */
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static _Noreturn void
fail(const char *what)
{
	fprintf(stderr, "swarm: %s\n", what);
	exit(1);
}

static unsigned long
number(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text == '\0' || *end != '\0' || n > 10000000) {
		fprintf(stderr, "usage: swarm HOST PORT PEERS FILES\n");
		exit(2);
	}
	return n;
}

static FILE *
dial(const struct addrinfo *to)
{
	int fd = socket(to->ai_family, SOCK_STREAM, 0), on = 1;
	FILE *stream;

	/* Without it the last segment of a batch waits for a delayed ACK. */
	if (fd < 0 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0 ||
	    connect(fd, to->ai_addr, to->ai_addrlen) < 0)
		fail("no connection");
	stream = fdopen(fd, "r+");
	if (!stream)
		fail("no memory");
	return stream;
}

static void
expect(FILE *peer, const char *start)
{
	char line[256];

	if (!fgets(line, sizeof line, peer) ||
	    strncmp(line, start, strlen(start)) != 0)
		fail("an answer was not as it should be");
}

static void
register_peer(FILE *peer, unsigned long p, unsigned long files)
{
	char answer[64];

	fprintf(peer, "HELLO %lu nap/2\n", 1 + p % 65535);
	fflush(peer);
	expect(peer, "OK ");
	for (unsigned long f = 0; f < files; f++)
		fprintf(peer,
		    "ADD %lu 1700000000 - peer %lu/a song of some length, "
		    "track %lu of many.mp3\n",
		    f, p, f);
	fprintf(peer, "SYNC\n");
	fflush(peer);
	snprintf(answer, sizeof answer, "OK %lu 0\n", files);
	expect(peer, answer);
}

/* The peers that have registered. */
struct crew {
	struct pollfd *list;
	atomic_ulong count;
};

/* What comes now and then is PING, or a NOTE: neither minds a PONG. */
static void
answer(struct pollfd *peer)
{
	static const char pong[] = "PONG\n";
	char asked[256];

	if (!peer->revents)
		return;
	if (recv(peer->fd, asked, sizeof asked, 0) <= 0 ||
	    send(peer->fd, pong, sizeof pong - 1, MSG_NOSIGNAL) < 0)
		peer->fd = -1;
}

static void *
attend(void *arg)
{
	struct crew *crew = arg;

	for (;;) {
		unsigned long count = atomic_load(&crew->count);

		if (poll(crew->list, count, 100) <= 0)
			continue;
		for (unsigned long i = 0; i < count; i++)
			answer(&crew->list[i]);
	}
	return NULL;
}

static void
enlist(struct crew *crew, FILE *peer)
{
	unsigned long count = atomic_load(&crew->count);

	crew->list[count] = (struct pollfd){
	    .fd = fileno(peer), .events = POLLIN};
	atomic_store(&crew->count, count + 1);
}

static void
raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		fail("no limits");
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

int
main(int argc, char *argv[])
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *to;
	unsigned long peers, files;
	static struct crew crew;
	pthread_t attendant;

	if (argc != 5)
		number("");
	peers = number(argv[3]);
	files = number(argv[4]);
	raise_descriptors();
	if (getaddrinfo(argv[1], argv[2], &hints, &to) != 0)
		fail("no such host");
	crew.list = calloc(peers + 1, sizeof *crew.list);
	if (!crew.list || pthread_create(&attendant, NULL, attend, &crew))
		fail("no memory");
	for (unsigned long p = 0; p < peers; p++) {
		FILE *peer = dial(to);

		register_peer(peer, p, files);
		/* It stays open until the process ends. */
		enlist(&crew, peer);
	}
	freeaddrinfo(to);
	printf("swarm: ready\n");
	fflush(stdout);
	while (getchar() != EOF)
		continue;
	return 0;
}
