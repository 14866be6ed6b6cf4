#include "turn.h"

#include <string.h>

static struct turn *
find(const struct turns *turns, const char *name)
{
	struct turn *t = turns->first;

	while (t && strcmp(t->name, name) != 0)
		t = t->next;
	return t;
}

static void
on_task(struct loop_task *task)
{
	struct turn *t = LOOP_OWNER(task, struct turn, task);

	t->begin(t);
}

void
turn_take(struct turns *turns, struct turn *turn, const char *name,
    void (*begin)(struct turn *turn))
{
	struct turn **end = &turns->first;
	bool taken = find(turns, name) != NULL;

	*turn = (struct turn){
	    .turns = turns,
	    .name = name,
	    .task.run = on_task,
	    .begin = begin,
	};
	while (*end)
		end = &(*end)->next;
	*end = turn;
	if (!taken)
		begin(turn);
}

/* Only who has the name ends: who waits has nothing to end with. */
void
turn_end(struct turn *turn)
{
	struct turns *turns = turn->turns;
	struct turn **at, *next;

	if (!turns)
		return;
	at = &turns->first;
	while (*at != turn)
		at = &(*at)->next;
	*at = turn->next;
	turn->turns = NULL;
	next = find(turns, turn->name);
	if (next)
		loop_defer(turns->loop, &next->task);
}
