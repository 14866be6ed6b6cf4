#ifndef NAP_ANNOUNCE_STATE_H
#define NAP_ANNOUNCE_STATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "announce.h"
#include "backoff.h"
#include "lib/addr.h"
#include "lib/conn.h"
#include "lib/locator.h"
#include "lib/loop.h"
#include "lib/net.h"
#include "registration.h"
#include "silence.h"

/* What the parts of an announcement share; nobody else looks inside. */

struct announce {
	struct announce_spec spec;
	struct locator_host index;
	char name[LOCATOR_HOST_BYTES + 8]; /* the index's, for messages */
	char host[ADDR_TEXT]; /* for host=, or empty */
	pthread_t thread;
	bool started;
	atomic_bool ending;
	atomic_bool load_changed;
	atomic_bool news;

	struct loop *loop;
	struct conn *conn;
	struct loop_timer retry;
	struct loop_timer load;
	int64_t load_at; /* when LOAD may be sent next */
	struct net_addrs addrs;
	size_t dialled; /* how many of addrs were */
	struct backoff backoff;
	struct registration talk;
	char at[ADDR_TEXT]; /* our address as the index sees it */
	struct silence silence; /* of the connection */
	bool opened;
	bool answered; /* a byte has come */
	bool seed_next; /* the next connection speaks the seed's form */
	bool reported; /* that it is settled */
	bool complained; /* since it was steady */
	bool elsewhere; /* it sees us where we do not serve */
	bool warned; /* on this connection, that nobody reaches us */
	bool noted; /* on this connection, what else it wants us to know */
};

/* announce_dial.c */

/* Look up the index and connect to it; again later when that cannot be. */
void announce_dial(struct announce *a);

/* A connection has ended, or could not be made: try the next, or later. */
void announce_lost(struct announce *a, int error);

/* Said once until things go well for a while; every time with -v. */
void announce_complain(
    struct announce *a, const char *why, struct slice detail);

/* announce_talk.c */

/* What is said on a connection, from its beginning to its end. */
extern const struct conn_ops announce_talk_ops;

/* There is more to tell, on a connection that is open; it may end in that. */
void announce_go_on(struct announce *a);

/* The same of the load alone. */
void announce_send_load(struct announce *a);

#endif
