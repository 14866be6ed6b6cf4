#ifndef NFIND_ASK_H
#define NFIND_ASK_H

#include <stdbool.h>
#include <stdint.h>

struct answer;
struct locator_host;
struct loop;

/*
 * One conversation with one index: naputils(7), THE INDEX and CLIENTS AT A
 * SEED'S INDEX.
 */
struct ask;

/* What is kept by reference outlives the ask. */
struct ask_spec {
	struct loop *loop;
	const struct locator_host *index;
	struct answer *answer; /* initialised; its request is what is asked */
	int64_t deadline; /* as clock_ms counts */
	void (*over)(void *arg); /* answer is complete, or has failed */
	void *arg;
};

/*
 * Ask an index, on each of its addresses in turn until one takes the
 * connection; a server that ends it without a byte is asked once more in the
 * seed's form. over is called once, perhaps before this returns; by the
 * deadline every address has had its turn, and then ask_late is to be called.
 * NULL with ENOMEM.
 */
struct ask *ask_new(const struct ask_spec *spec);

/* To be called when the loop was woken: a name may have been looked up. */
void ask_wake(struct ask *a);

/* The time is up: the answer has failed, unless it is complete. */
void ask_late(struct ask *a);

/*
 * After loop_run. False when a look-up still goes on: the loop must then not be
 * freed, and the process is to end soon. ask_free(NULL) is legal.
 */
bool ask_free(struct ask *a);

#endif
