#ifndef NAP_NGET_TRANSFER_STATE_H
#define NAP_NGET_TRANSFER_STATE_H

#include <stdbool.h>

#include "lib/loop.h"
#include "shares.h"
#include "source.h"
#include "transfer.h"

/* What transfer.c and transfer_verify.c share; nobody else looks inside. */

struct holders;

#define TRANSFER_NOBODY SIZE_MAX

struct transfer {
	struct transfer_order order;
	struct source *sources[TRANSFER_SOURCES];
	struct share shares[TRANSFER_SOURCES];
	size_t count;
	size_t last; /* that was sent for something */
	unsigned speaker; /* of whom it was said that it sends */
	size_t keeper; /* the only one to be asked, unless it is out */
	char senders[LOCATOR_HOST_BYTES + 16];
	struct holders *holders; /* being asked for */
	bool asked; /* for holders */
	bool begun; /* an answer has been accepted */
	struct digest digest; /* what the content is held to */
	bool told; /* why the first does not go on */
	bool verifying;
	bool over;
	struct outcome outcome;
	struct loop_task report;
};

/* Have done what can be done now. */
void transfer_pump(struct transfer *t);

/* The end: those that are at something are stopped first. */
void transfer_finish(struct transfer *t, const struct outcome *outcome);

/* It ends with what errno says is wrong here. */
void transfer_fail(struct transfer *t);

/* All have failed; what is wrong with the one that was asked for counts. */
void transfer_give_up(struct transfer *t);

/* Ask the indexes who else has it, once it is known what it is. */
void transfer_ask(struct transfer *t);

/* For people: what of label. */
void transfer_say(struct transfer *t, const char *label, const char *what);

/*
 * It is complete: hold it to its digest and finish; or find out who spoiled it,
 * and go on without.
 */
void transfer_verify(struct transfer *t);

#endif
