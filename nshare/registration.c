#include "registration.h"

#include <string.h>

#include "lib/path.h"
#include "lib/rune.h"

/* The longest line that is written. */
#define LINE_BYTES (PATH_MAX_BYTES + 256)

void
registration_begin(struct registration *r, struct catalogue *files,
    const struct proto_hello *hello)
{
	*r = (struct registration){.files = files, .hello = *hello};
	catalogue_begin(files, &r->reader);
}

void
registration_end(struct registration *r)
{
	if (r->files)
		catalogue_end(r->files, &r->reader);
}

bool
registration_is_open(const struct registration *r)
{
	return r->hello.v2 && r->state > REGISTRATION_GREETED &&
	    r->state != REGISTRATION_REFUSED;
}

static int
greet(struct registration *r, struct buf *out)
{
	if (proto_hello_put(out, &r->hello) < 0)
		return -1;
	r->state = r->hello.v2 ? REGISTRATION_GREETED : REGISTRATION_TELLING;
	return 0;
}

static int
tell_v2(struct buf *out, const struct catalogue_copy *copy)
{
	const struct proto_add add = {.size = copy->file.size,
	    .mtime = copy->file.mtime,
	    .digest = copy->file.digest,
	    .path = copy->file.path};

	if (copy->gone)
		return proto_put(out, PROTO_DEL, copy->file.path);
	return proto_add_put(out, &add);
}

/* It has no words for what changes or goes. */
static int
tell_seed(
    struct registration *r, struct buf *out, const struct catalogue_copy *copy)
{
	if (copy->gone || !copy->appeared)
		return 0;
	if (!rune_valid(copy->file.path)) {
		r->skipped++;
		return 0;
	}
	memcpy(r->last, copy->path, copy->file.path.len + 1);
	return proto_put(out, PROTO_FILE, copy->file.path);
}

/* 1 when there is nothing more to tell, 0 when out is full, -1 as buf_add. */
static int
tell(struct registration *r, struct buf *out)
{
	struct catalogue_copy copy;
	int result = 0;

	while (result == 0 && buf_room(out) >= LINE_BYTES) {
		if (!catalogue_next(r->files, &r->reader, &copy))
			return 1;
		result = r->hello.v2 ? tell_v2(out, &copy)
				     : tell_seed(r, out, &copy);
	}
	return result;
}

/* The seed's server has no SYNC: a search that it answers stands for it. */
static int
ask(struct registration *r, struct buf *out)
{
	r->state = REGISTRATION_ASKING;
	if (r->hello.v2)
		return proto_put(out, PROTO_SYNC, SLICE(""));
	if (*r->last)
		return proto_put(out, PROTO_SEARCH, slice_str(r->last));
	r->state = REGISTRATION_SETTLED;
	return 0;
}

int
registration_write(struct registration *r, struct buf *out)
{
	int told;

	if (buf_room(out) < LINE_BYTES)
		return 0;
	if (r->state == REGISTRATION_GREETING && greet(r, out) < 0)
		return -1;
	if (r->state != REGISTRATION_TELLING &&
	    r->state != REGISTRATION_SETTLED)
		return 0;
	told = tell(r, out);
	if (told <= 0 || r->state == REGISTRATION_SETTLED)
		return told < 0 ? -1 : 0;
	return buf_room(out) >= LINE_BYTES ? ask(r, out) : 0;
}

/* The answer that is awaited, if one is. */
static enum registration_event
read_ok(struct registration *r, struct slice line, struct slice *text)
{
	if (r->state == REGISTRATION_GREETED) {
		r->state = REGISTRATION_TELLING;
		return REGISTRATION_WELCOME;
	}
	if (r->state == REGISTRATION_ASKING &&
	    proto_synced_parse(line, &r->synced) == 0) {
		r->state = REGISTRATION_SETTLED;
		return REGISTRATION_NOTHING;
	}
	*text = line;
	return REGISTRATION_STRANGE;
}

static enum registration_event
read_v2(struct registration *r, struct slice line, struct buf *out,
    struct slice *text)
{
	static const struct slice note = {"NOTE ", 5};
	enum proto_verb verb;

	if (proto_is_err(line, text)) {
		r->state = REGISTRATION_REFUSED;
		return REGISTRATION_ERROR;
	}
	if (proto_is_ok(line, text))
		return read_ok(r, line, text);
	verb = proto_verb(line, text);
	if (verb == PROTO_PONG)
		return REGISTRATION_NOTHING;
	/* An index that does not let its answers go gets none. */
	if (verb == PROTO_PING) {
		proto_put(out, PROTO_PONG, SLICE(""));
		return REGISTRATION_NOTHING;
	}
	*text = line;
	if (!slice_starts(line, note))
		return REGISTRATION_STRANGE;
	*text = slice_skip(line, note.len);
	return REGISTRATION_NOTE;
}

/* Peers that share the last name, and END. */
static enum registration_event
read_seed(struct registration *r, struct slice line)
{
	struct proto_end end;

	if (r->state == REGISTRATION_ASKING && proto_end_parse(line, &end) == 0)
		r->state = REGISTRATION_SETTLED;
	return REGISTRATION_NOTHING;
}

enum registration_event
registration_read(struct registration *r, struct slice line, struct buf *out,
    struct slice *text)
{
	*text = line;
	if (r->state == REGISTRATION_REFUSED)
		return REGISTRATION_NOTHING;
	if (r->hello.v2)
		return read_v2(r, line, out, text);
	return read_seed(r, line);
}
