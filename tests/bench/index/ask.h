#ifndef NAP_BENCH_ASK_H
#define NAP_BENCH_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One who asks an index, one request at a time. */
struct asker {
	int fd;
	char *text; /* the last answer */
	size_t len;
};

/* What an answer came to. */
struct answer {
	int64_t ns; /* from the request to the last byte */
	uint64_t rows; /* lines before the last */
	const char *last; /* that line, until the asker asks again */
};

/* These end the program when the index does not answer as it should. */
void asker_open(struct asker *a, uint16_t port);
void asker_close(struct asker *a);

/* Send a request, a line with its end, and wait for the whole answer. */
struct answer ask(struct asker *a, const char *request);

/* What STAT says of key: true, or false when the index does not tell it. */
bool ask_stat(struct asker *a, const char *key, uint64_t *value);

#endif
