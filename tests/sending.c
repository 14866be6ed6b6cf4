#include "sending.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define CHUNK 4096

enum sent
send_all(int fd, const char *data, size_t n)
{
	ssize_t done;

	for (; n > 0; data += done, n -= (size_t)done) {
		done = send(fd, data, n, 0);
		if (done < 0 && errno != EINTR) {
			fprintf(stderr, "puppet: send: %s\n", strerror(errno));
			return SENT_NOT;
		}
		if (done < 0)
			done = 0;
	}
	return SENT;
}

enum sent
send_filling(int fd, uint64_t n)
{
	enum sent sent = SENT;
	char data[CHUNK];
	size_t some;

	memset(data, 'x', sizeof data);
	for (; n > 0 && sent == SENT; n -= some) {
		some = n < sizeof data ? (size_t)n : sizeof data;
		sent = send_all(fd, data, some);
	}
	return sent;
}

static FILE *
open_at(const char *path, uint64_t from)
{
	FILE *f = fopen(path, "rb");

	if (f && fseeko(f, (off_t)from, SEEK_SET) == 0)
		return f;
	fprintf(stderr, "puppet: %s: %s\n", path, strerror(errno));
	if (f)
		fclose(f);
	return NULL;
}

enum sent
send_stretch(int fd, const struct stretch *s)
{
	FILE *f = open_at(s->path, s->from);
	uint64_t left = s->length;
	enum sent sent = SENT;
	char data[CHUNK];
	size_t n;

	if (!f)
		return SENT_UNREADABLE;
	for (; left > 0 && sent == SENT; left -= n) {
		n = left < sizeof data ? (size_t)left : sizeof data;
		n = fread(data, 1, n, f);
		if (n == 0)
			break;
		sent = send_all(fd, data, n);
	}
	fclose(f);
	return sent;
}

enum sent
send_slowly(int fd, const char *path, uint64_t ms)
{
	FILE *f = open_at(path, 0);
	enum sent sent = SENT;
	char byte;

	if (!f)
		return SENT_UNREADABLE;
	while (sent == SENT && fread(&byte, 1, 1, f) == 1) {
		sent = send_all(fd, &byte, 1);
		send_nothing(ms);
	}
	fclose(f);
	return sent;
}

void
send_nothing(uint64_t ms)
{
	struct timespec t = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};

	while (nanosleep(&t, &t) && errno == EINTR)
		;
}
