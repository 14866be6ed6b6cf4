#ifndef NAP_BENCH_NUMBER_H
#define NAP_BENCH_NUMBER_H

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

/* The whole of text, a number from least to most. 0, or -1. */
static inline int
number_parse(const char *text, uint64_t least, uint64_t most, uint64_t *n)
{
	char *end;

	errno = 0;
	*n = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || errno != 0)
		return -1;
	return *n < least || *n > most ? -1 : 0;
}

#endif
