#include "turns.h"

#include <stddef.h>

#include "session.h"

static void
line_up(struct turns *all, struct turn *turn, int64_t due)
{
	struct turn **here = &all->first;

	if (all->last && all->last->due <= due)
		here = &all->last->next;
	while (*here && (*here)->due <= due)
		here = &(*here)->next;
	turn->in = all;
	turn->due = due;
	turn->next = *here;
	*here = turn;
	if (!turn->next)
		all->last = turn;
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
	struct turns *all = turn->in;
	struct turn *before = NULL;

	if (!all)
		return;
	for (struct turn *t = all->first; t != turn; t = t->next)
		before = t;
	*(before ? &before->next : &all->first) = turn->next;
	if (!turn->next)
		all->last = before;
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
