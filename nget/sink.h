#ifndef NAP_NGET_SINK_H
#define NAP_NGET_SINK_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/sha256.h"
#include "lib/slice.h"
#include "origin.h"

struct part;

/* Where the content of one transfer goes. */
struct sink_ops {
	/*
	 * Content of origin (NULL: of none to be gone on from) follows from its
	 * first byte on; NULL when that takes nothing. 0, or -1 with errno.
	 */
	int (*restart)(void *to, const struct origin *origin);
	/* 0, or -1 with errno. */
	int (*write)(void *to, struct slice data);
	/*
	 * What was written is of origin: see that it is not all lost when the
	 * machine stops. NULL when nothing can be done. 0, or -1 with errno.
	 */
	int (*keep)(void *to, struct origin *origin);
	bool once; /* nothing that was written can be taken back */
};

/* It counts and hashes what passes. */
struct sink {
	const struct sink_ops *ops;
	void *to;
	int fd; /* of a stream */
	uint64_t have; /* bytes of the content, from its first on */
	struct sha256 hash; /* of these */
	bool known; /* what they are of: origin */
	struct origin origin;
	bool spoiled; /* they are not what they should be */
};

/* An empty one; to, the part and the descriptor outlive it. */
void sink_init(struct sink *s, const struct sink_ops *ops, void *to);
void sink_to_part(struct sink *s, struct part *part);
void sink_to_stream(struct sink *s, int fd);

/* Whether it still can begin (again) at the first byte. */
bool sink_can_restart(const struct sink *s);

/* Begin (again) at the first byte. 0, or -1 with errno, ESPIPE if it cannot. */
int sink_restart(struct sink *s, const struct origin *origin);

/* 0, or -1 with errno. */
int sink_write(struct sink *s, struct slice data);

/* The digest of what it has; more may follow. */
void sink_digest(const struct sink *s, struct digest *d);

#endif
