#ifndef NAP_TURNS_H
#define NAP_TURNS_H

#include <stdbool.h>
#include <stdint.h>

struct session;
struct turns;

/* The place of one who waits for a turn. Zeroed but for the first two: none. */
struct turn {
	void *owner;
	const struct session *session;
	struct turns *in; /* NULL: it waits for none */
	struct turn *previous, *next;
	int64_t due; /* when its debt ends, as last looked at */
};

/*
 * Those who wait, first whose debt (session_owes) ends first: who owes much lets
 * others pass, but does not wait for ever. Zeroed: nobody.
 */
struct turns {
	struct turn *first;
	struct turn *last;
};

/*
 * Wait behind all whose debt ends no later, unless it waits already; now is in
 * milliseconds.
 */
void turns_enter(struct turns *all, struct turn *turn, int64_t now);

/* Wait no longer, if it did. */
void turns_leave(struct turn *turn);

/* Take out who is first: its owner. NULL when nobody waits. */
void *turns_take(struct turns *all, int64_t now);

#endif
