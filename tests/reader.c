/*
 * reader - ask a server the same thing again and again, for tests of what
 * others do to it meanwhile.
 *
 *	reader HOST PORT COUNT [FROM]
 *
 * Sends standard input, a request of the index whose answer ends with a line
 * "END ...", COUNT times, each after the answer to the one before, and prints
 *
 *	reader: COUNT answers, the same each time; p50 US us, p99 US us, max US us
 *
 * and before that, on standard output as well, what was answered. HOST and FROM
 * are numeric IPv4 addresses. Exit status: 0, 1 when an answer did not come
 * within a minute or differs from the first one, 2 bad usage. It has nothing
 * from the library: it stands for programs that are not ours.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define TEXT_MAX 65536
#define ANSWER_MAX (4 << 20)
#define COUNT_MAX 1000000
#define PATIENCE 60

static char first[ANSWER_MAX], answer[ANSWER_MAX];

static _Noreturn void
fail(const char *what)
{
	fprintf(stderr, "reader: %s: %s\n", what, strerror(errno));
	exit(1);
}

static _Noreturn void
usage(void)
{
	fprintf(stderr, "usage: reader HOST PORT COUNT [FROM]\n");
	exit(2);
}

static int64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static struct sockaddr_in
place(const char *ip, const char *port)
{
	struct sockaddr_in at = {.sin_family = AF_INET};

	if (inet_pton(AF_INET, ip, &at.sin_addr) != 1)
		usage();
	at.sin_port = htons((uint16_t)atoi(port));
	return at;
}

static int
dial(const struct sockaddr_in *to, const struct sockaddr_in *from)
{
	const struct timeval patience = {.tv_sec = PATIENCE};
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	if (fd < 0)
		fail("socket");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	if (from && bind(fd, (const struct sockaddr *)from, sizeof *from) < 0)
		fail("bind");
	if (connect(fd, (const struct sockaddr *)to, sizeof *to) < 0)
		fail("connect");
	return fd;
}

/* Whether the last line is whole and the end of an answer. */
static bool
is_whole(const char *text, size_t len)
{
	const char *line;

	if (len == 0 || text[len - 1] != '\n')
		return false;
	line = memrchr(text, '\n', len - 1);
	line = line ? line + 1 : text;
	return strncmp(line, "END", 3) == 0 || strncmp(line, "ERR", 3) == 0;
}

static size_t
ask(int fd, const char *text, size_t len, char *into)
{
	size_t got = 0;
	ssize_t n;

	if (send(fd, text, len, MSG_NOSIGNAL) != (ssize_t)len)
		fail("send");
	while (!is_whole(into, got)) {
		n = recv(fd, into + got, ANSWER_MAX - got, 0);
		if (n <= 0)
			fail("no answer");
		got += (size_t)n;
	}
	return got;
}

static int
cmp(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void
report(int64_t *took, size_t count)
{
	qsort(took, count, sizeof *took, cmp);
	printf("reader: %zu answers, the same each time; p50 %lld us, "
	       "p99 %lld us, max %lld us\n",
	    count, (long long)took[count / 2],
	    (long long)took[count - 1 - count / 100],
	    (long long)took[count - 1]);
}

int
main(int argc, char *argv[])
{
	struct sockaddr_in to, from;
	char text[TEXT_MAX];
	size_t count, len, size, got;
	int64_t *took, start;
	int fd;

	if (argc < 4 || argc > 5 || atoi(argv[3]) < 1 ||
	    atoi(argv[3]) > COUNT_MAX)
		usage();
	to = place(argv[1], argv[2]);
	if (argc == 5)
		from = place(argv[4], "0");
	count = (size_t)atoi(argv[3]);
	took = calloc(count, sizeof *took);
	if (!took)
		fail("memory");
	len = fread(text, 1, sizeof text, stdin);
	fd = dial(&to, argc == 5 ? &from : NULL);
	size = ask(fd, text, len, first);
	fwrite(first, 1, size, stdout);
	for (size_t i = 0; i < count; i++) {
		start = now_us();
		got = ask(fd, text, len, answer);
		took[i] = now_us() - start;
		if (got != size || memcmp(first, answer, size) != 0) {
			fprintf(stderr, "reader: another answer: %.*s\n",
			    (int)(got < 500 ? got : 500), answer);
			return 1;
		}
	}
	report(took, count);
	free(took);
	return 0;
}
