#include "command_verbs.h"

#include <errno.h>
#include <string.h>

#include "index.h"
#include "lib/locator.h"
#include "limits.h"

static struct store_view
view_of(const struct command_client *c)
{
	return (struct store_view){
	    .client = c->address, .via = c->via, .haste = c->haste};
}

/* Why a search failed. 0, or -1 as buf_add. */
static int
explain(struct command_client *c, struct buf *out)
{
	switch (errno) {
	case EAGAIN:
		c->unanswered = true;
		return 0;
	case EINVAL:
		return command_refuse(
		    c, out, "bad-line", "no word to look for");
	case E2BIG:
		return command_refuse(
		    c, out, "bad-line", "at most 32 words or extensions");
	case EBUSY:
		return command_refuse(
		    c, out, "busy", "names come and go too fast");
	default:
		return command_refuse(c, out, "busy", "out of memory");
	}
}

/* Let go of the memory that only a large answer needs. */
static void
forget_hits(struct command_client *c)
{
	if (c->scratch->hits.count > COMMAND_HITS_KEPT)
		store_hits_free(&c->scratch->hits);
}

int
command_search(struct command_client *c, struct slice rest, struct buf *out)
{
	size_t room = c->kind == COMMAND_SEED ? LIMITS_SEED_ANSWER_BYTES
					      : LIMITS_ANSWER_BYTES;
	struct store_hits *hits = &c->scratch->hits;
	struct store_view view = view_of(c);
	size_t start = buf_len(out);
	char text[ADDR_TEXT];

	view.v4_only = view.hide_self = true;
	if (store_exact(c->index->store, rest, &view, hits) < 0) {
		if (errno == EAGAIN)
			return explain(c, out);
		/* A seed would not survive an error. */
		hits->count = 0;
	}
	c->tired = hits->count > COMMAND_HITS_KEPT;
	room -= sizeof "END\n" - 1;
	for (size_t i = 0; i < hits->count; i++) {
		const char *at = addr_text(&hits->list[i].at, text);

		if (buf_len(out) - start + strlen(at) + 1 > room)
			break;
		if (buf_printf(out, "%s\n", at) < 0)
			return -1;
	}
	forget_hits(c);
	return proto_end_put(out, &(struct proto_end){.counted = false});
}

/* One hit as a row. 0, or -1 when memory is short. */
static int
put_hit(struct command_client *c, const struct store_hit *hit, struct buf *out)
{
	struct buf *locator = &c->scratch->locator;
	char text[ADDR_TEXT];
	struct proto_row row = {
	    .size = hit->size,
	    .mtime = hit->mtime,
	    .digest = hit->digest,
	    .rank = hit->rank,
	};

	buf_truncate(locator, 0);
	if (buf_add_str(locator, addr_text(&hit->at, text)) < 0 ||
	    buf_add(locator, "/", 1) < 0 ||
	    locator_encode(locator, hit->path) < 0)
		return -1;
	row.locator = buf_slice(locator);
	return proto_row_put(out, &row);
}

static int
put_hits(struct command_client *c, struct buf *out)
{
	const struct store_hits *hits = &c->scratch->hits;
	struct proto_end end = {
	    .counted = true, .matches = hits->matches, .more = hits->more};
	size_t start = buf_len(out);
	bool failed = false;

	while (end.rows < hits->count && !failed &&
	    buf_len(out) - start < LIMITS_ANSWER_BYTES)
		failed = put_hit(c, &hits->list[end.rows++], out) < 0;
	forget_hits(c);
	if (!failed)
		return proto_end_put(out, &end);
	buf_truncate(out, start);
	return command_refuse(c, out, "busy", "out of memory");
}

int
command_find(struct command_client *c, struct slice rest, struct buf *out)
{
	struct store_view view = view_of(c);
	struct proto_find find;
	struct store_query query;

	if (proto_find_parse(rest, &find) < 0)
		return command_refuse(c, out, "bad-line",
		    "FIND wants settings, then -- and words");
	query = (struct store_query){
	    .words = find.words,
	    .not_words = find.not_words,
	    .not_count = find.not_count,
	    .ext = find.ext,
	    .over = find.over,
	    .under = find.under,
	    .limit = find.limit,
	};
	c->tired = true;
	if (store_find(c->index->store, &query, &view, &c->scratch->hits) < 0)
		return explain(c, out);
	return put_hits(c, out);
}

int
command_hash(struct command_client *c, struct slice rest, struct buf *out)
{
	struct store_view view = view_of(c);
	struct digest digest;

	if (digest_parse(rest, &digest) < 0)
		return command_refuse(c, out, "bad-line",
		    "HASH wants 64 hexadecimal digits in lower case");
	c->tired = true;
	if (store_hash(c->index->store, &digest, PROTO_FIND_ROWS, &view,
		&c->scratch->hits) < 0)
		return explain(c, out);
	return put_hits(c, out);
}
