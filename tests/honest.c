#include "honest.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ETAG "\"v1\""
#define HEAD_BYTES 512

/* Whether the line begins with the text, which *rest then is behind. */
static bool
begins(const char *line, size_t len, const char *text, const char **rest)
{
	size_t n = strlen(text);

	*rest = line + n;
	return len >= n && !memcmp(line, text, n);
}

bool
honest_hear(struct honest *h, const char *line, size_t len)
{
	char number[24];
	const char *rest;
	size_t n;

	if (begins(line, len, "If-Range: ", &rest)) {
		n = len - (size_t)(rest - line);
		h->stale = n != strlen(ETAG) || memcmp(rest, ETAG, n) != 0;
		return true;
	}
	if (!begins(line, len, "Range: bytes=", &rest))
		return false;
	n = len - (size_t)(rest - line);
	snprintf(number, sizeof number, "%.*s", (int)n, rest);
	h->from = strtoull(number, NULL, 10);
	h->ranged = true;
	return true;
}

/* The head of an answer with the file from byte from on, of size bytes. */
static size_t
write_head(char head[HEAD_BYTES], uint64_t from, uint64_t size, bool part)
{
	int n = snprintf(head, HEAD_BYTES,
	    "HTTP/1.1 %s\r\nETag: " ETAG "\r\nContent-Length: %" PRIu64 "\r\n",
	    part ? "206 Partial Content" : "200 OK", size - from);

	if (part)
		n += snprintf(head + n, HEAD_BYTES - (size_t)n,
		    "Content-Range: bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64
		    "\r\n",
		    from, size - 1, size);
	n += snprintf(head + n, HEAD_BYTES - (size_t)n, "\r\n");
	return (size_t)n;
}

static enum sent
refuse_range(int fd, uint64_t size)
{
	char head[HEAD_BYTES];
	int n = snprintf(head, sizeof head,
	    "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\n"
	    "Content-Range: bytes */%" PRIu64 "\r\n\r\n",
	    size);

	return send_all(fd, head, (size_t)n);
}

enum sent
honest_answer(const struct honest *h, int fd, const char *path)
{
	bool part = h->ranged && !h->stale;
	struct stretch s = {path, part ? h->from : 0, UINT64_MAX};
	char head[HEAD_BYTES];
	enum sent sent;
	struct stat st;
	uint64_t size;

	if (stat(path, &st) < 0) {
		fprintf(stderr, "puppet: %s: %s\n", path, strerror(errno));
		return SENT_UNREADABLE;
	}
	size = (uint64_t)st.st_size;
	if (part && s.from >= size)
		return refuse_range(fd, size);
	sent = send_all(fd, head, write_head(head, s.from, size, part));
	return sent == SENT ? send_stretch(fd, &s) : sent;
}
