#include "registration.h"

#include "catalogue.h"
#include "lib/path.h"
#include "lib/rune.h"

/* The longest line that is written. */
#define LINE_BYTES (PATH_MAX_BYTES + 256)

void
registration_init(struct registration *r, const struct catalogue *files,
    const struct proto_hello *hello)
{
	*r = (struct registration){
	    .files = files, .hello = *hello, .news = catalogue_news(files)};
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
tell_file(
    struct registration *r, struct buf *out, const struct catalogue_file *file)
{
	const struct proto_add add = {.size = file->size,
	    .mtime = file->mtime,
	    .digest = file->digest,
	    .path = file->path};

	if (r->hello.v2)
		return proto_add_put(out, &add);
	if (rune_valid(file->path))
		return proto_put(out, PROTO_FILE, file->path);
	r->skipped++;
	return 0;
}

static int
tell(struct registration *r, struct buf *out)
{
	size_t count = catalogue_count(r->files);

	while (r->next < count && buf_room(out) >= LINE_BYTES) {
		struct catalogue_file file = catalogue_at(r->files, r->next);
		uint64_t skipped = r->skipped;

		if (tell_file(r, out, &file) < 0)
			return -1;
		if (r->skipped == skipped) {
			r->last = r->next;
			r->told++;
		}
		r->next++;
	}
	if (r->next == count && buf_room(out) >= LINE_BYTES)
		r->state = REGISTRATION_ASKING;
	return 0;
}

/* What has been learned since, which the seed's form has no words for. */
static int
tell_news(struct registration *r, struct buf *out)
{
	size_t count = r->hello.v2 ? catalogue_news(r->files) : r->news;

	while (r->news < count && buf_room(out) >= LINE_BYTES) {
		size_t place = catalogue_learned(r->files, r->news++);
		struct catalogue_file file = catalogue_at(r->files, place);

		if (tell_file(r, out, &file) < 0)
			return -1;
	}
	return 0;
}

/* The seed's server has no SYNC: a search that it answers stands for it. */
static int
ask(struct registration *r, struct buf *out)
{
	if (r->hello.v2)
		return proto_put(out, PROTO_SYNC, SLICE(""));
	if (r->told > 0)
		return proto_put(
		    out, PROTO_SEARCH, catalogue_at(r->files, r->last).path);
	r->state = REGISTRATION_SETTLED;
	return 0;
}

int
registration_write(struct registration *r, struct buf *out)
{
	if (buf_room(out) < LINE_BYTES)
		return 0;
	if (r->state == REGISTRATION_GREETING && greet(r, out) < 0)
		return -1;
	if (r->state == REGISTRATION_SETTLED)
		return tell_news(r, out);
	if (r->state != REGISTRATION_TELLING)
		return 0;
	if (tell(r, out) < 0)
		return -1;
	return r->state == REGISTRATION_ASKING ? ask(r, out) : 0;
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
