#ifndef NAP_NGET_SINK_H
#define NAP_NGET_SINK_H

#include <stdbool.h>
#include <stdint.h>

#include "coverage.h"
#include "digester.h"
#include "lib/sha256.h"
#include "lib/slice.h"
#include "origin.h"

struct part;

/* As a giver: who was asked before this run. Others have lower numbers. */
#define SINK_EARLIER 64

/* Where the content of one transfer goes. */
struct sink_ops {
	/*
	 * Content of origin (NULL: of none to be gone on from) follows from its
	 * first byte on; NULL when that takes nothing. 0, or -1 with errno.
	 */
	int (*restart)(void *to, const struct origin *origin);
	/* Take what lies at the byte at. 0, or -1 with errno. */
	int (*write)(void *to, uint64_t at, struct slice data);
	/* What is there already; NULL when that cannot be told. 0, or -1. */
	int (*read)(void *to, uint64_t at, char *bytes, size_t n);
	/*
	 * What was written is of origin: see that it is not all lost when the
	 * machine stops. NULL when nothing can be done. 0, or -1 with errno.
	 */
	int (*keep)(void *to, struct origin *origin);
	/* Give up what lies last, and say how much is left. 0, or -1. */
	int (*spare)(void *to, uint64_t *length);
	/* Write down what is there of origin. 0, or -1 with errno. */
	int (*note)(void *to, const struct origin *origin);
	bool once; /* from the first byte on, and nothing can be taken back */
};

/* It knows what has come, and hashes it. */
struct sink {
	const struct sink_ops *ops;
	void *to;
	int fd; /* of a stream; of a file, to be read from */
	struct digesters *digesters; /* NULL with once */
	struct coverage there;
	uint64_t have; /* bytes of the content that are there */
	uint64_t come; /* bytes that were written in this run */
	bool known; /* what they are of: origin */
	struct origin origin;
	bool ended; /* at end, though origin knew nothing of that */
	uint64_t end;
	struct sha256 hash; /* of what went by, with once */
	struct digester digester; /* otherwise */
	bool digesting;
	void (*digested)(void *owner, const struct digest *digest, int error);
	void *digested_owner;
	bool spoiled; /* some of it, that is still there, is wrong */
	bool scattered; /* there may be gaps: they are noted */
	uint64_t noted; /* bytes that were there then */
	struct coverage doubted; /* still there, to be held against the truth */
	uint64_t liars; /* a bit for each giver who gave something else */
};

/* An empty one; to, the part and the descriptor outlive it. */
void sink_init(struct sink *s, const struct sink_ops *ops, void *to);
void sink_to_part(
    struct sink *s, struct part *part, struct digesters *digesters);
void sink_to_stream(struct sink *s, int fd);

/* Nobody hashes any more; no memory is held. Legal for a zeroed one. */
void sink_close(struct sink *s);

/* What is there came from origin at another time. 0, or -1 with errno. */
int sink_recall(struct sink *s, const struct origin *origin, uint64_t length);

/* Whether it still can begin (again) at the first byte. */
bool sink_can_restart(const struct sink *s);

/*
 * Content of origin, or of nothing known, follows from the first byte on. 0, or
 * -1 with errno, which is ESPIPE when that cannot be.
 */
int sink_restart(struct sink *s, const struct origin *origin);

/*
 * From now on there may be gaps. 0, or -1 with errno, which is ESPIPE when that
 * cannot be.
 */
int sink_scatter(struct sink *s);

/* Take what giver sends, which lies at the byte at. 0, or -1 with errno. */
int sink_write(struct sink *s, uint64_t at, struct slice data, unsigned giver);

/* The content ends at the byte end, as its end has shown. */
void sink_end(struct sink *s, uint64_t end);

/* Whether it is known how many bytes there will be, and how many. */
bool sink_is_sized(const struct sink *s);
uint64_t sink_size(const struct sink *s);
bool sink_is_complete(const struct sink *s);

/*
 * No more will come: write down what is there, so that it can be gone on from;
 * where there is no room for that, some of it is given up. 0, or -1 with errno.
 */
int sink_leave(struct sink *s);

/*
 * Of a complete one: call done, with the digest and 0, or NULL and an errno;
 * perhaps before this returns.
 */
void sink_digest(struct sink *s,
    void (*done)(void *owner, const struct digest *digest, int error),
    void *owner);

/*
 * Something of it is wrong: what giver did not give has to come again, and
 * shows then who lied. 0, or -1 with errno.
 */
int sink_doubt(struct sink *s, unsigned giver);

#endif
