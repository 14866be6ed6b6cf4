#ifndef NAP_SERVER_H
#define NAP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct limits;

/*
 * indexd itself: workers, each a thread with a loop of its own, that accept
 * from the same listening sockets and serve what they accepted for life.
 */
struct server;

struct server_spec {
	const int *listeners; /* borrowed; closed by their owner */
	size_t listener_count;
	int reception; /* likewise: where others hand over (reception.h), or -1 */
	unsigned threads; /* at least 1 */
	const struct limits *limits; /* outlives the server */
};

/* A server whose workers run. NULL with errno. */
struct server *server_start(const struct server_spec *spec);

/*
 * From now on other limits hold, which outlive the server. Connections and peers
 * that there are keep what they were given when they began: whom limits spare,
 * how many files, and how long answers may wait.
 */
void server_limit(struct server *s, const struct limits *limits);

/* Say in the log how things stand. */
void server_report(struct server *s);

/* For how many milliseconds there has been no connection. */
int64_t server_quiet_ms(struct server *s);

enum server_leaving {
	SERVER_STAYS, /* there is a connection, and all goes on */
	SERVER_LEAVES, /* no connection is lost */
	SERVER_FAILS /* there is one, but no thread to serve it; it was told */
};

/*
 * Accept nothing more, if there is no connection. Unless it stays, what wants to
 * connect waits for another server, and server_stop comes next.
 */
enum server_leaving server_leave(struct server *s);

/* Stop accepting, close every connection, wait for the workers, free. */
void server_stop(struct server *s);

#endif
