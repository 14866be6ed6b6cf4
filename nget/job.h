#ifndef NAP_NGET_JOB_H
#define NAP_NGET_JOB_H

#include <stddef.h>
#include <stdint.h>

#include "lib/slice.h"
#include "outcome.h"

struct context;
struct locator_host;

/* One file from its locator to its name. */
struct job;

/* What its user fills in; context and host outlive the job. */
struct job_order {
	const struct context *context;
	size_t number;
	struct slice text; /* a locator, or with a host a raw name; copied */
	const struct locator_host *host;
	char **others; /* more locators of the same file, which outlive it */
	size_t other_count; /* below TRANSFER_SOURCES */
	/*
	 * Told once, and not before job_new returns; why it failed has been
	 * said. j is to be freed, which may be done here.
	 */
	void (*done)(struct job *j, void *owner, enum status status);
	void *owner;
};

/* NULL with ENOMEM. */
struct job *job_new(const struct job_order *order);

size_t job_number(const struct job *j);

/* How many bytes have come; those that were there before do not count. */
uint64_t job_bytes(const struct job *j);

/*
 * Before done: the run ends here and now. What has arrived is flushed, so that
 * the next one can go on from it.
 */
void job_interrupt(struct job *j);

void job_free(struct job *j);

#endif
