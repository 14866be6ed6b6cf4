#ifndef NAP_BENCH_SAMPLE_H
#define NAP_BENCH_SAMPLE_H

#include <stddef.h>
#include <stdint.h>

/* Durations of one kind of request. Zeroed, it is empty. */
struct sample {
	int64_t *ns;
	size_t count;
	size_t room;
};

/* Remember one more; ends the program when there is no memory. */
void sample_add(struct sample *s, int64_t ns);

/*
 * The least duration that percent of them do not exceed, 0 when there are
 * none. Sorts them.
 */
int64_t sample_percentile(struct sample *s, unsigned percent);

void sample_free(struct sample *s);

#endif
