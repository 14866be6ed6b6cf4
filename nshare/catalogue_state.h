#ifndef NAP_CATALOGUE_STATE_H
#define NAP_CATALOGUE_STATE_H

#include <pthread.h>

#include "catalogue.h"
#include "order.h"

/* What the parts of the catalogue share; nobody else looks inside. */

enum { CATALOGUE_FREE, CATALOGUE_THERE, CATALOGUE_GONE };

/* A path is bytes of one common text. */
struct catalogue_entry {
	uint64_t at : 48;
	uint64_t len : 16;
	union {
		uint64_t size;
		uint64_t next; /* free: the place of another */
	};
	int64_t mtime;
	uint64_t version : 61; /* before settling: how many came before it */
	uint64_t spared : 1; /* not to be hashed */
	uint64_t state : 2;
};

_Static_assert(sizeof(struct catalogue_entry) == 32, "one for every file");

struct catalogue_news {
	uint32_t place;
	bool appeared;
};

#define CATALOGUE_NO_PLACE UINT64_MAX

struct catalogue {
	pthread_mutex_t lock;
	struct order order; /* of all that is not free */
	struct catalogue_entry *entries;
	struct digest *digests; /* of each, or NULL: none was ever known */
	size_t used; /* entries, the free ones among them */
	size_t room;
	size_t count; /* files that are there */
	uint64_t free; /* the first free entry */
	uint64_t version;

	char *text;
	size_t text_len;
	size_t text_room;
	size_t garbage; /* bytes of the text that nothing points to */

	struct catalogue_reader *readers;
	/*
	 * What some of them have not heard of. Of each entry the last news
	 * alone counts; it is at one less than last says.
	 */
	struct catalogue_news *news;
	uint64_t *last; /* of each, or NULL: there never were any */
	size_t news_count;
	size_t news_room;
	uint64_t forgotten; /* news before these */
};

/* catalogue_entries.c */

/* Room for at least need elements of size bytes; the new memory or NULL. */
void *catalogue_grow(void *mem, size_t *room, size_t need, size_t size);

/*
 * Memory for a new file and for news of it, so that what follows succeeds. 0,
 * or -1 with errno.
 */
int catalogue_reserve(struct catalogue *c, const struct catalogue_file *file);

/* The next entry, which has a path and nothing else. Memory is reserved. */
size_t catalogue_take(struct catalogue *c, struct slice path);
void catalogue_give(struct catalogue *c, size_t place);

/*
 * What file says, its path apart; it is there. Whether that is news. Memory is
 * reserved.
 */
bool catalogue_set(
    struct catalogue *c, size_t place, const struct catalogue_file *file);

/* Bring together what is used of the text, if that is worth while. */
void catalogue_squeeze(struct catalogue *c);

/* Valid until memory moves. */
struct slice catalogue_path(const struct catalogue *c, size_t place);
struct catalogue_file catalogue_file_at(
    const struct catalogue *c, size_t place);

/* catalogue_sort.c */

/*
 * Bring all entries into the order of their paths; of the same path, what has
 * the lower version comes first. None of them is free.
 */
void catalogue_sort(struct catalogue *c);

/* catalogue_news.c */

/* Memory for news. 0, or -1 with ENOMEM. */
int catalogue_reserve_news(struct catalogue *c);

/* All readers are to hear of it, if there are any. Memory is reserved. */
void catalogue_tell(struct catalogue *c, size_t place, bool appeared);

/* catalogue.c */

/* Take a path that nobody needs any more out of everything. */
void catalogue_drop(struct catalogue *c, size_t place);

#endif
