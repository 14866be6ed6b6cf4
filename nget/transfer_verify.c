#include "transfer_state.h"

#include <errno.h>

#include "lib/num.h"
#include "sink.h"

/* It is as good as any other that lies, so all that it gave goes. */
static void
leave_out(struct transfer *t, size_t i, const struct digest *got)
{
	char hex[DIGEST_HEX + 1];
	struct outcome why;

	num_hex(got->bytes, DIGEST_BYTES, hex);
	outcome_fail(&why, STATUS_MISMATCH,
	    "digest mismatch: what arrived has sha256:%s", hex);
	source_expel(t->sources[i], &why);
	if (i > 0)
		transfer_say(t, t->sources[i]->label, why.text);
}

/* Who can give the rest of what he gave: the one who gave most. */
static size_t
find_keeper(const struct transfer *t)
{
	uint64_t most = 0;
	size_t keeper = TRANSFER_NOBODY;

	for (size_t i = 0; i < t->count; i++) {
		uint64_t given = coverage_given(
		    &t->order.sink->there, (unsigned)i);

		if (t->sources[i]->state == SOURCE_OUT || given <= most)
			continue;
		most = given;
		keeper = i;
	}
	return keeper;
}

/*
 * The one who gave everything, if only that there is nothing; nobody when several
 * did, or who came earlier.
 */
static size_t
find_only_giver(const struct transfer *t)
{
	const struct coverage *there = &t->order.sink->there;

	if (there->count == 0)
		return t->last;
	if (there->count > 1 || there->list[0].giver >= t->count)
		return TRANSFER_NOBODY;
	return there->list[0].giver;
}

/* Ask one for all that others gave; without one, begin again. */
static int
doubt(struct transfer *t)
{
	struct sink *sink = t->order.sink;

	t->keeper = find_keeper(t);
	if (t->keeper == TRANSFER_NOBODY || !sink->origin.sized)
		return sink_restart(sink, NULL);
	return sink_doubt(sink, (unsigned)t->keeper);
}

/*
 * Something is wrong. If one source gave everything it is the one; otherwise one
 * is asked for all that the others gave, until the guilty stand alone. That ends:
 * when the one has given all, it is out or everything is right; when it goes out
 * before that, there is one less.
 */
static void
mend(struct transfer *t, const struct digest *got)
{
	size_t only = find_only_giver(t);

	if (t->order.sink->ops->once) {
		leave_out(t, 0, got);
		transfer_give_up(t);
		return;
	}
	if (only != TRANSFER_NOBODY)
		leave_out(t, only, got);
	else
		transfer_say(t, t->order.label,
		    coverage_given(&t->order.sink->there, SINK_EARLIER)
			? "what was there before does not fit; starting again"
			: "the digest does not match; asking one peer for all");
	if (doubt(t) < 0) {
		transfer_fail(t);
		return;
	}
	transfer_ask(t);
	transfer_pump(t);
}

static void
name_liars(struct transfer *t)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->order.sink->liars >> i & 1)
			transfer_say(t, t->sources[i]->label,
			    "what it sent was not the file; left out");
}

static void
on_digest(void *owner, const struct digest *got, int error)
{
	const struct outcome ok = {.status = STATUS_OK};
	struct transfer *t = owner;

	t->verifying = false;
	if (error) {
		errno = error;
		transfer_fail(t);
		return;
	}
	if (!digest_eq(got, &t->digest)) {
		mend(t, got);
		return;
	}
	t->order.sink->spoiled = false;
	name_liars(t);
	transfer_finish(t, &ok);
}

void
transfer_verify(struct transfer *t)
{
	const struct outcome ok = {.status = STATUS_OK};

	if (!t->digest.known) {
		transfer_finish(t, &ok);
		return;
	}
	t->verifying = true;
	sink_digest(t->order.sink, on_digest, t);
}
