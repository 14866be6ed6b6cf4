/*
 * songs - the names of the bench, one a line.
 *
 *	songs ORDER COUNT
 *
 * ORDER is sequential, shuffled or random (song.h).
 */
#include <err.h>
#include <stdio.h>

#include "number.h"
#include "song.h"

int
main(int argc, char *argv[])
{
	char name[SONG_BYTES];
	enum song_order order;
	uint64_t count;

	if (argc != 3 || song_order(argv[1], &order) < 0 ||
	    number_parse(argv[2], 1, UINT32_MAX, &count) < 0)
		errx(2, "usage: songs sequential|shuffled|random COUNT");
	for (uint64_t i = 0; i < count; i++) {
		size_t len = song_name(order, i, count, name);

		name[len] = '\n';
		fwrite(name, 1, len + 1, stdout);
	}
	if (fflush(stdout) == EOF)
		err(1, "standard output");
	return 0;
}
