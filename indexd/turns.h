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
	struct turn *next;
	int64_t owes; /* when that was last looked at */
};

/* Those who wait, who owes least (session_owes) first. Zeroed: nobody. */
struct turns {
	struct turn *first;
	struct turn *last;
};

/*
 * Wait behind all who owe no more at now, in milliseconds, unless it waits
 * already.
 */
void turns_enter(struct turns *all, struct turn *turn, int64_t now);

/* Wait no longer, if it did. */
void turns_leave(struct turn *turn);

/* Take out who is first: its owner. NULL when nobody waits. */
void *turns_take(struct turns *all, int64_t now);

#endif
