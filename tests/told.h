#ifndef NAP_TOLD_H
#define NAP_TOLD_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include "lib/addr.h"
#include "lib/conn.h"
#include "lib/loop.h"

/* A connection under test, and what it was told. */
struct told {
	struct loop *loop;
	struct conn *c;
	struct told **self; /* set to NULL when closed frees this */
	int opened, inputs, eofs, drained, timeouts, closed;
	int error;
	bool after_eof; /* input after the end */
	bool keep; /* consume nothing */
	bool hold; /* pause at each input */
	size_t got;
	unsigned sum; /* of the bytes that came, in order */
	size_t dropped; /* what came while it lingered */
	int again; /* answers to make when drained */
	void (*then)(struct told *t); /* within each callback but closed */
};

/* The callbacks; the owner is a struct told. */
extern const struct conn_ops told_ops;

/*
 * A connection on a loop of its own, over TCP or over a Unix-domain socket of
 * that type. Returns the other end, which blocks.
 */
int told_begin(struct told *t);
int told_begin_unix(struct told *t, int type);

/* Ends what is left; peer may be -1. */
void told_finish(struct told *t, int peer);

/* Let the loop run until something was told; false after 20 s. */
bool told_run_until(struct told *t, bool (*is_met)(const struct told *t));

/* Let the loop run for ms, asleep when it has nothing to do. */
void told_run_for(struct loop *loop, int64_t ms);

/* Whether the loop, which has nothing to do, sleeps. */
bool told_sleeps(struct loop *loop);

/* Conditions. */
bool told_opened(const struct told *t);
bool told_input(const struct told *t);
bool told_eof(const struct told *t);
bool told_drained(const struct told *t);
bool told_timeout(const struct told *t);
bool told_closed(const struct told *t);

/* 127.0.0.1, port 0. */
struct addr told_loopback(void);

/* Send all of text. */
void told_put(int fd, const char *text);

/* Send on fd, an int, until nobody listens: the start of a thread. */
void *told_flood(void *fd);

/* Append size bytes of a pattern to the output; returns their sum. */
unsigned told_append(struct conn *c, size_t size);

/* The sum of what gave sum and of n more bytes. */
unsigned told_mix(unsigned sum, const char *bytes, size_t n);

/* What the other end reads, on a thread of its own, until both ends end. */
struct told_reader {
	pthread_t thread;
	int fd;
	useconds_t nap; /* after each read */
	size_t got;
	unsigned sum;
	int error;
};

/* Signals do not strike the thread. */
void told_read(struct told_reader *r, int fd, useconds_t nap);
void told_read_end(struct told_reader *r);

#endif
