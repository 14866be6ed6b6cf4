#ifndef NAP_REGISTRATION_H
#define NAP_REGISTRATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/proto.h"
#include "lib/slice.h"

struct catalogue;

/*
 * The conversation in which an index is told what is shared (PROTOCOL.md §1.2,
 * or the seed's form, §4): lines in, lines out, no socket.
 */

enum registration_state {
	REGISTRATION_GREETING, /* HELLO is to be sent */
	REGISTRATION_GREETED, /* and to be answered */
	REGISTRATION_TELLING, /* the files, one after another */
	REGISTRATION_ASKING, /* whether they have arrived */
	REGISTRATION_SETTLED,
	REGISTRATION_REFUSED /* an error came: what follows means nothing */
};

struct registration {
	const struct catalogue *files;
	struct proto_hello hello; /* what it says depends on v2 */
	enum registration_state state;
	size_t next; /* the place of the next file */
	uint64_t told;
	uint64_t skipped; /* names that the seed's server cannot take */
	size_t last; /* the place of the last that was told */
	size_t news; /* of the files, that need not be told any more */
	struct proto_synced synced; /* what a version-2 index answered */
};

/* files, and the host that hello names, outlive it. */
void registration_init(struct registration *r, const struct catalogue *files,
    const struct proto_hello *hello);

/*
 * Append what is to be said now, as far as out has room for it: call again
 * when it has more, until settled, and then when there are news of the files.
 * 0, or -1 as buf_add.
 */
int registration_write(struct registration *r, struct buf *out);

enum registration_event {
	REGISTRATION_NOTHING,
	REGISTRATION_WELCOME, /* text: our address as the index sees it */
	REGISTRATION_ERROR, /* text: code and reason */
	REGISTRATION_NOTE, /* text: what the index wants us to know */
	REGISTRATION_STRANGE /* text: a line that means nothing here */
};

/*
 * Take a line of the index; what it asks for is answered into out. text points
 * into line.
 */
enum registration_event registration_read(struct registration *r,
    struct slice line, struct buf *out, struct slice *text);

/* Whether more than HELLO may be said: LOAD, PING. */
bool registration_is_open(const struct registration *r);

#endif
