/*
 * reader - ask a server the same thing again and again, for tests of what
 * others do to it meanwhile.
 *
 *	reader HOST PORT COUNT [FROM]
 *
 * Each line of standard input is asked COUNT times, each time a moment after the
 * answer to the one before, on one connection: a request of the index, answered
 * with PONG or with lines up to "END ...", or "GET PATH" of HTTP. When that has
 * taken SECONDS, fewer do. Prints what the index answered, and then
 *
 *	reader: COUNT answers, the same each time; p50 US us, p99 US us, max US us
 *
 * Goes on with the next line, whenever that comes. Of HTTP it compares bodies
 * alone, for heads tell the time. HOST and FROM are numeric IPv4
 * addresses. Exit status: 0, 1 when an answer did not come within a minute or
 * differs from the first one, 2 bad usage. It has nothing from the library: it
 * stands for programs that are not ours.
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
#define SECONDS 5
/*
 * Nobody asks without a break: a sample of hundreds is to last for long enough
 * that what an attacker does now and then falls into it.
 */
#define BREAK_US 2000

struct answer {
	size_t len;
	size_t body; /* where it begins; 0 of the index, which has no head */
	char text[ANSWER_MAX];
};

static struct answer first, other;

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
is_whole_of_index(const struct answer *a)
{
	static const char *const ends[] = {"END", "ERR", "PONG"};
	const char *line;

	if (a->len == 0 || a->text[a->len - 1] != '\n')
		return false;
	line = memrchr(a->text, '\n', a->len - 1);
	line = line ? line + 1 : a->text;
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (strncmp(line, ends[i], strlen(ends[i])) == 0)
			return true;
	return false;
}

/* Whether there is a head, and a body as long as it says. */
static bool
is_whole_of_http(struct answer *a)
{
	static const char field[] = "\r\nContent-Length: ";
	const char *end = memmem(a->text, a->len, "\r\n\r\n", 4), *length;

	if (!end)
		return false;
	a->body = (size_t)(end - a->text) + 4;
	length = memmem(a->text, a->body, field, sizeof field - 1);
	return length &&
	    a->len - a->body >= strtoul(length + sizeof field - 1, NULL, 10);
}

static bool
is_whole(struct answer *a)
{
	if (a->len >= 5 && memcmp(a->text, "HTTP/", 5) == 0)
		return is_whole_of_http(a);
	return is_whole_of_index(a);
}

static void
ask(int fd, const char *text, size_t len, struct answer *into)
{
	ssize_t n;

	into->len = into->body = 0;
	if (send(fd, text, len, MSG_NOSIGNAL) != (ssize_t)len)
		fail("send");
	while (!is_whole(into)) {
		n = recv(fd, into->text + into->len, ANSWER_MAX - into->len, 0);
		if (n == 0)
			errno = ECONNRESET;
		if (n <= 0)
			fail("no answer");
		into->len += (size_t)n;
	}
}

static void
compare(void)
{
	const char *text = other.text + other.body;
	size_t len = other.len - other.body;

	if (len == first.len - first.body &&
	    memcmp(first.text + first.body, text, len) == 0)
		return;
	fprintf(stderr, "reader: another answer: %.*s\n",
	    (int)(len < 500 ? len : 500), text);
	exit(1);
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

/* What to send for a line of input; its length. */
static size_t
request(const char *line, char text[TEXT_MAX])
{
	static const char http[] = "GET %s HTTP/1.1\r\nHost: reader\r\n\r\n";
	int len;

	if (strncmp(line, "GET ", 4) == 0)
		len = snprintf(text, TEXT_MAX, http, line + 4);
	else
		len = snprintf(text, TEXT_MAX, "%s\n", line);
	if (len < 0 || len >= TEXT_MAX)
		usage();
	return (size_t)len;
}

static void
ask_often(int fd, const char *line, int64_t *took, size_t count)
{
	static char text[TEXT_MAX];
	size_t len = request(line, text), n = 0;
	int64_t begun, start;

	ask(fd, text, len, &first);
	if (first.body == 0)
		fwrite(first.text, 1, first.len, stdout);
	begun = now_us();
	do {
		usleep(BREAK_US);
		start = now_us();
		ask(fd, text, len, &other);
		took[n++] = now_us() - start;
		compare();
	} while (n < count && now_us() - begun < SECONDS * 1000000);
	report(took, n);
	fflush(stdout);
}

int
main(int argc, char *argv[])
{
	struct sockaddr_in to, from;
	static char line[TEXT_MAX];
	int64_t *took;
	size_t count;
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
	fd = dial(&to, argc == 5 ? &from : NULL);
	while (fgets(line, sizeof line, stdin)) {
		line[strcspn(line, "\n")] = '\0';
		ask_often(fd, line, took, count);
	}
	free(took);
	return 0;
}
