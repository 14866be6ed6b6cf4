#ifndef NAP_NGET_TURN_H
#define NAP_NGET_TURN_H

#include "lib/loop.h"

/* Of those who want the same name, one has it at a time; the others wait. */
struct turns {
	struct loop *loop;
	struct turn *first; /* turn.c's: in the order in which they came */
};

/* Embedded in its owner, zeroed at first. The fields are turn.c's. */
struct turn {
	struct turns *turns; /* NULL: it waits for nothing and has nothing */
	struct turn *next;
	const char *name;
	struct loop_task task;
	void (*begin)(struct turn *turn);
};

/*
 * Call begin, perhaps at once, when all who came before with that name have
 * ended. name outlives the turn.
 */
void turn_take(struct turns *turns, struct turn *turn, const char *name,
    void (*begin)(struct turn *turn));

/* Let the next one begin, soon. Legal when there is no turn. */
void turn_end(struct turn *turn);

#endif
