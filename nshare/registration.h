#ifndef NAP_REGISTRATION_H
#define NAP_REGISTRATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalogue.h"
#include "lib/buf.h"
#include "lib/proto.h"
#include "lib/slice.h"

/*
 * The conversation in which an index is told what is shared (naputils(7), THE
 * INDEX, or CLIENTS AT A SEED'S INDEX): lines in, lines out, no socket.
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
	struct catalogue *files;
	struct catalogue_reader reader;
	struct proto_hello hello; /* what it says depends on v2 */
	enum registration_state state;
	uint64_t skipped; /* names that the seed's server cannot take */
	char last[PATH_MAX_BYTES + 1]; /* the seed's form: told, or empty */
	struct proto_synced synced; /* what a version-2 index answered */
};

/*
 * It begins; files, and the host that hello names, outlive its end. What is
 * zeroed, or has ended, may be ended.
 */
void registration_begin(struct registration *r, struct catalogue *files,
    const struct proto_hello *hello);
void registration_end(struct registration *r);

/*
 * Append what is to be said now, as far as out has room for it: call again
 * when it has more, until settled, and then when files have come, changed or
 * gone. 0, or -1 as buf_add.
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
