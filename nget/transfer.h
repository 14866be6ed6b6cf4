#ifndef NAP_NGET_TRANSFER_H
#define NAP_NGET_TRANSFER_H

#include <stddef.h>

#include "lib/locator.h"
#include "outcome.h"

struct context;
struct sink;
struct transfer;

/* The most that one transfer asks, or is told of. */
#define TRANSFER_SOURCES 64

/* What its user fills in; what it points to outlives the transfer. */
struct transfer_order {
	const struct context *context;
	const struct locator *locators; /* the first one's digest is wanted */
	size_t count; /* at least one, at most TRANSFER_SOURCES */
	const char *label; /* what messages call the first */
	const char *accept; /* the media type of a listing; NULL: a file */
	struct sink *sink; /* goes on from what this has */
	/* Told once, and not before transfer_start returns. */
	void (*done)(void *owner, const struct outcome *outcome);
	void *owner;
};

/*
 * One content from whoever has it. A peer that fails has its place taken by
 * another, of those given and, once the digest is known, of those that an index
 * names; what is large, or has several locators, comes from several at once.
 * The result is held to its digest, and whoever is proved to have spoiled it is
 * left out. NULL with errno.
 */
struct transfer *transfer_start(const struct transfer_order *order);

/* Who sends at the moment, for people; a text that changes in place. */
const char *transfer_senders(const struct transfer *t);

/* Within done, or later. transfer_free(NULL) is legal. */
void transfer_free(struct transfer *t);

#endif
