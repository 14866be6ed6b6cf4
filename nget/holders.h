#ifndef NAP_NGET_HOLDERS_H
#define NAP_NGET_HOLDERS_H

#include <stdint.h>

#include "lib/digest.h"

struct indexes;
struct locator;
struct loop;

/* Asks the indexes which peers have a content (HASH of naputils(7)). */
struct holders;

/* What its user fills in; what it points to outlives the holders. */
struct holders_order {
	struct loop *loop;
	const struct indexes *indexes;
	struct digest digest; /* known */
	int64_t timeout_ms; /* for all of it but looking up names */
	/* One peer and what the file is called there; valid during the call. */
	void (*found)(void *owner, const struct locator *l);
	/*
	 * All indexes have answered or failed; told once, and not before
	 * holders_ask returns.
	 */
	void (*over)(void *owner);
	void *owner;
};

/*
 * Ask all of them at the same time. Blocks on the resolver, as dial_begin does.
 * An index that cannot be reached, answers with an error, late or with nonsense,
 * or knows nothing of HASH has no more holders than it told before; why is said
 * to those who want to know much. No peer is told twice, however many know it.
 * NULL with ENOMEM.
 */
struct holders *holders_ask(const struct holders_order *order);

/*
 * At any time, from within found and over too; neither is called any more. The
 * loop still closes connections. holders_free(NULL) is legal.
 */
void holders_free(struct holders *h);

#endif
