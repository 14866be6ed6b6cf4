/*
 * hash - the SHA-256 of a file.
 *
 *	hash FILE
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/sha256.h"

#define PIECE_BYTES ((size_t)256 * 1024)

/* The next piece; 0 bytes at the end. */
static size_t
read_piece(int fd, char *to)
{
	ssize_t n;

	do
		n = read(fd, to, PIECE_BYTES);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		err(1, "read");
	return (size_t)n;
}

int
main(int argc, char *argv[])
{
	static char piece[PIECE_BYTES];
	struct digest digest;
	struct sha256 hash;
	size_t n;
	int fd;

	if (argc != 2)
		errx(2, "usage: hash FILE");
	fd = open(argv[1], O_RDONLY);
	if (fd < 0)
		err(1, "%s", argv[1]);
	sha256_init(&hash);
	while ((n = read_piece(fd, piece)) > 0)
		sha256_add(&hash, piece, n);
	sha256_end(&hash, &digest);
	for (size_t i = 0; i < DIGEST_BYTES; i++)
		printf("%02x", digest.bytes[i]);
	printf("\n");
	close(fd);
	return fflush(stdout) == EOF;
}
