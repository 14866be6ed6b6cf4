#ifndef NAP_OPENED_H
#define NAP_OPENED_H

#include <stddef.h>

#include "lib/slice.h"
#include "plan.h"

struct loop;
struct site;

/*
 * Files that were opened a moment ago, so that one which is asked for again and
 * again need not be found each time. What a path leads to is looked up again
 * after a second; whether the file there is what it was, at every call. Of one
 * thread.
 */
struct opened;

/* What is open stays so no longer than this. */
#define OPENED_MS 1000

/* At most so many, each a descriptor. */
#define OPENED_FILES 64

struct opened_file {
	int fd; /* who needs it for longer has a copy */
	struct plan_file about; /* described */
};

/* site outlives it. NULL with errno. opened_free(NULL) is legal. */
struct opened *opened_new(struct loop *loop, const struct site *site);
void opened_free(struct opened *o);

/*
 * The file that path names, as it is at this moment. It is valid until the next
 * call, or until the loop goes on. NULL with errno as site_open.
 */
const struct opened_file *opened_find(
    struct opened *o, struct slice path, const struct plan_now *now);

/* How many are open. */
size_t opened_count(const struct opened *o);

#endif
