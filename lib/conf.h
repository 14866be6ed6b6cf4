#ifndef NAP_CONF_H
#define NAP_CONF_H

#include <stddef.h>

#include "slice.h"

/*
 * The text of a configuration file: naputils.conf(5). A line is
 *
 *	key = value	what stands between blanks at either end and around the
 *			first =; a value may be empty, and hold = and #
 *	[section]	what follows is for that program alone
 *	# comment	the whole line, after blanks perhaps
 *
 * or blank. Blanks are spaces and tabs. A line ends in LF, before which one CR
 * is dropped, or in the end of the file. Other control bytes and what is not
 * UTF-8 are refused wherever they stand.
 */

/* The largest file, and the longest line without what ends it. */
#define CONF_BYTES_MAX 65536
#define CONF_LINE_MAX 4096

/* All of it points into the text. */
struct conf_item {
	struct slice section; /* empty before the first one */
	struct slice key; /* never empty */
	struct slice value;
	size_t line; /* the first is 1 */
};

/* A text that is being read. */
struct conf {
	struct slice rest;
	const char *const *sections;
	struct slice section;
	size_t line; /* that was read last; 0: it is about the whole file */
	const char *why; /* what is wrong, a constant text; else NULL */
};

/*
 * Begin to read a text in which these sections may stand, a list that ends in
 * NULL. Both are kept by reference.
 */
void conf_begin(struct conf *c, struct slice text, const char *const *sections);

/*
 * The next item: 1; 0 at the end; -1 when the text is wrong, with c->why and
 * c->line, from then on.
 */
int conf_next(struct conf *c, struct conf_item *item);

#endif
