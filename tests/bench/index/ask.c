#include "ask.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/clock.h"
#include "tests/bench/dial.h"

#define ANSWER_BYTES ((size_t)4 << 20)

void
asker_open(struct asker *a, uint16_t port)
{
	a->fd = dial(port, 0);
	a->len = 0;
	a->text = malloc(ANSWER_BYTES);
	if (!a->text)
		err(1, NULL);
}

void
asker_close(struct asker *a)
{
	close(a->fd);
	free(a->text);
}

/* Read what has come; what is there stays text that ends in NUL. */
static void
receive(struct asker *a)
{
	ssize_t n;

	if (a->len == ANSWER_BYTES - 1)
		errx(1, "an answer is too long");
	do
		n = recv(a->fd, a->text + a->len, ANSWER_BYTES - 1 - a->len, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		err(1, "the index");
	if (n == 0)
		errx(1, "the index hung up");
	a->len += (size_t)n;
	a->text[a->len] = '\0';
}

/* Where the last line of the answer starts, NULL while it is incomplete. */
static char *
last_line(const struct asker *a)
{
	char *start;

	if (a->len == 0 || a->text[a->len - 1] != '\n')
		return NULL;
	start = memrchr(a->text, '\n', a->len - 1);
	return start ? start + 1 : a->text;
}

static bool
ends_answer(const char *line)
{
	return strncmp(line, "END", 3) == 0 || strcmp(line, "PONG\n") == 0;
}

static uint64_t
lines_before(const char *text, const char *end)
{
	uint64_t lines = 0;

	while ((text = memchr(text, '\n', (size_t)(end - text)))) {
		lines++;
		text++;
	}
	return lines;
}

struct answer
ask(struct asker *a, const char *request)
{
	struct answer answer;
	int64_t asked = clock_ns();
	char *last;

	a->len = 0;
	dial_send(a->fd, request, strlen(request));
	do {
		receive(a);
		last = last_line(a);
		if (last && strncmp(last, "ERR", 3) == 0)
			errx(1, "the index answered %s", last);
	} while (!last || !ends_answer(last));
	answer.ns = clock_ns() - asked;
	answer.rows = lines_before(a->text, last);
	answer.last = last;
	return answer;
}

bool
ask_stat(struct asker *a, const char *key, uint64_t *value)
{
	size_t len = strlen(key);

	ask(a, "STAT\n");
	for (const char *line = a->text; *line; line = strchr(line, '\n') + 1) {
		if (strncmp(line, key, len) != 0 || line[len] != ' ')
			continue;
		*value = strtoull(line + len + 1, NULL, 10);
		return true;
	}
	return false;
}
