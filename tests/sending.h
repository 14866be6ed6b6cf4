#ifndef NAP_TESTS_SENDING_H
#define NAP_TESTS_SENDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Some bytes of a file. */
struct stretch {
	const char *path;
	uint64_t from;
	uint64_t length; /* UINT64_MAX: up to the end of the file */
};

enum sent { SENT, SENT_NOT, SENT_UNREADABLE };

/*
 * Send n bytes to the socket fd. SENT, or SENT_NOT when the other side took no
 * more, which standard error has been told.
 */
enum sent send_all(int fd, const char *data, size_t n);

/* Send n bytes "x". As send_all. */
enum sent send_filling(int fd, uint64_t n);

/*
 * Send bytes of a file, fewer when it ends before. As send_all, or
 * SENT_UNREADABLE, with a message, when the file cannot be read.
 */
enum sent send_stretch(int fd, const struct stretch *s);

/* Send a file, a byte and then so many milliseconds of nothing. As above. */
enum sent send_slowly(int fd, const char *path, uint64_t ms);

/* Do nothing for so many milliseconds. */
void send_nothing(uint64_t ms);

#endif
