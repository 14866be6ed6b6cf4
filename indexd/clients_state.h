#ifndef NAP_CLIENTS_STATE_H
#define NAP_CLIENTS_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "clients.h"
#include "lib/addr.h"
#include "lib/loop.h"
#include "turns.h"

/* What the files of clients share; nobody else looks inside. */

struct client {
	struct client *next;
	struct client **here; /* what points to this one */
	struct clients *all;
	struct conn *conn;
	struct session *session;
	struct dialler_call *call; /* to see who can connect to it, or NULL */
	struct loop_timer resume; /* set while it waits */
	struct addr address;
	uint64_t unsent; /* as counted */
	bool cheap; /* its last turn was short */
	struct turn turn; /* to be served, or to have its search carried out */
};

/* Searches that are carried out beside, one at a time. */
struct lane {
	struct searcher *searcher;
	struct turns turns;
	struct client *sought; /* whose search is under way, or NULL */
};

/*
 * What takes too long for one lane goes on to the next, so that it keeps nobody
 * for long whose search does not.
 */
#define CLIENTS_LANES 2

struct clients {
	struct clients_spec spec;
	struct command_scratch *scratch;
	struct dialler *dialler;
	struct client *first;
	struct turns served;
	struct lane lanes[CLIENTS_LANES];
	struct loop_task next;
	bool next_set;
	int64_t served_us; /* in this round of the loop */
	uint64_t unsent; /* of all */
	struct loop_timer tidy;
	unsigned gone; /* since memory was last given back */
};

/* There is input, room for answers, or nothing more to wait for: see to it. */
void clients_turn_attend(struct client *client);

/* It has taken all its answers. */
void clients_turn_drained(struct client *client);

/* It gets nothing any more, and waits for nothing. */
void clients_turn_leave(struct client *client);

/* The tasks of all that are here, and the timers of one. */
void clients_turn_next(struct loop_task *task);
void clients_turn_resume(struct loop_timer *timer);

#endif
