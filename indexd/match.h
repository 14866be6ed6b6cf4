#ifndef NAP_MATCH_H
#define NAP_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/slice.h"
#include "store.h"
#include "title.h"

/* A query made ready to be held against paths. */
struct match {
	char *memory;
	struct slice whole; /* the query, folded */
	struct match_words {
		struct match_word {
			struct slice text;
			size_t rare; /* the byte of it to look for */
		} * list;
		size_t count;
	} words, not_words, exts;
	bool any_ext; /* or none */
};

/*
 * Searching takes time for each of them, and for each extension; no name that
 * is sought needs more.
 */
#define MATCH_WORDS_MAX 32

/*
 * 0, or -1 with EINVAL when the query holds no word, E2BIG when it holds more
 * than MATCH_WORDS_MAX, wanted or not, or as many extensions, ENOMEM.
 */
int match_new(struct match *m, const struct store_query *query);
void match_free(struct match *m);

/* How long a basename of class 1 may be. */
static inline size_t
match_longest(const struct match *m)
{
	return m->whole.len * UTF8_FOLD_SHRINK + TITLE_EXT_MAX + 1;
}

/* No match, and the classes of naputils(7), What FIND finds. */
enum match_class {
	MATCH_NONE,
	MATCH_BASENAME,
	MATCH_WORDS,
	MATCH_PREFIXES,
	MATCH_INSIDE,
	MATCH_PATH
};

/* Where paths are folded, and what it has cost to match them. */
struct match_desk {
	uint64_t
	    bytes; /* that were gone through, at a nanosecond or two each */
	char room[TITLE_ROOM];
};

/* The class of a path; what room holds afterwards is nobody's. */
enum match_class match_path(
    const struct match *m, struct slice path, struct match_desk *desk);

#endif
