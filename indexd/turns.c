#include "turns.h"

#include <stddef.h>

#include "session.h"

static void
line_up(struct turns *all, struct turn *turn, int64_t due)
{
	struct turn *before = all->last;

	while (before && before->due > due)
		before = before->previous;
	turn->in = all;
	turn->due = due;
	turn->previous = before;
	turn->next = before ? before->next : all->first;
	*(before ? &before->next : &all->first) = turn;
	*(turn->next ? &turn->next->previous : &all->last) = turn;
}

void
turns_enter(struct turns *all, struct turn *turn, int64_t now)
{
	if (!turn->in)
		line_up(all, turn, now + session_owes(turn->session, now));
}

void
turns_leave(struct turn *turn)
{
	struct turn *before = turn->previous, *after = turn->next;
	struct turns *all = turn->in;

	if (!all)
		return;
	*(before ? &before->next : &all->first) = after;
	*(after ? &after->previous : &all->last) = before;
	turn->in = NULL;
}

void *
turns_take(struct turns *all, int64_t now)
{
	struct turn *first;
	int64_t owes;

	while ((first = all->first)) {
		turns_leave(first);
		owes = session_owes(first->session, now);
		if (owes == 0 || now + owes <= first->due)
			return first->owner;
		/* Others of its address have had turns meanwhile. */
		line_up(all, first, now + owes);
	}
	return NULL;
}
