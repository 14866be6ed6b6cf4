#ifndef NAP_SERVER_H
#define NAP_SERVER_H

#include <stddef.h>

struct limits;

/*
 * indexd itself: workers, each a thread with a loop of its own, that accept
 * from the same listening sockets and serve what they accepted for life.
 */
struct server;

struct server_spec {
	const int *listeners; /* borrowed; closed by their owner */
	size_t listener_count;
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

/* Stop accepting, close every connection, wait for the workers, free. */
void server_stop(struct server *s);

#endif
