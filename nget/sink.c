#include "sink.h"

#include <errno.h>
#include <string.h>

#include "lib/emit.h"
#include "part.h"

/* Gaps are written down again when so much more has come. */
#define NOTE_BYTES (4 * 1024 * 1024)

/* Compared at a time. */
#define PIECE_BYTES 65536

void
sink_init(struct sink *s, const struct sink_ops *ops, void *to)
{
	*s = (struct sink){.ops = ops, .to = to, .fd = -1};
	sha256_init(&s->hash);
}

static int
restart_part(void *to, const struct origin *origin)
{
	struct part *part = to;

	if (part_restart(part, origin ? origin->size : 0) < 0)
		return -1;
	return origin ? part_note(part, origin) : 0;
}

static int
write_part(void *to, uint64_t at, struct slice data)
{
	return part_write(to, at, data);
}

static int
read_part(void *to, uint64_t at, char *bytes, size_t n)
{
	return part_read(to, at, bytes, n);
}

static int
keep_part(void *to, struct origin *origin)
{
	return part_keep(to, origin);
}

static int
spare_part(void *to, uint64_t *length)
{
	struct part *part = to;

	if (part_spare(part) < 0)
		return -1;
	*length = part->length;
	return 0;
}

static int
note_part(void *to, const struct origin *origin)
{
	return part_note(to, origin);
}

void
sink_to_part(struct sink *s, struct part *part, struct digesters *digesters)
{
	static const struct sink_ops ops = {
	    .restart = restart_part,
	    .write = write_part,
	    .read = read_part,
	    .keep = keep_part,
	    .spare = spare_part,
	    .note = note_part,
	};

	sink_init(s, &ops, part);
	s->fd = part->fd;
	s->digesters = digesters;
}

static int
write_stream(void *to, uint64_t at, struct slice data)
{
	const struct sink *s = to;

	(void)at;
	return emit(s->fd, data);
}

void
sink_to_stream(struct sink *s, int fd)
{
	static const struct sink_ops ops = {
	    .write = write_stream, .once = true};

	sink_init(s, &ops, s);
	s->fd = fd;
}

static void
stop_hashing(struct sink *s)
{
	if (s->digesting)
		digester_stop(&s->digester);
	s->digesting = false;
}

void
sink_close(struct sink *s)
{
	stop_hashing(s);
	coverage_clear(&s->there);
	coverage_clear(&s->doubted);
}

/* What has come from the first byte on can be hashed already. */
static void
hash_on(struct sink *s)
{
	if (s->ops->once)
		return;
	if (!s->digesting)
		digester_start(&s->digester, s->digesters, s->fd);
	s->digesting = true;
	digester_advance(&s->digester, coverage_prefix(&s->there));
}

/* All of it, or the pieces that origin speaks of. */
static int
cover(struct sink *s, const struct origin *o, uint64_t length)
{
	struct coverage_range all = {0, length};

	if (o->held_count == 0)
		return coverage_add(&s->there, all, SINK_EARLIER);
	for (size_t i = 0; i < o->held_count; i++)
		if (coverage_add(&s->there, o->held[i], SINK_EARLIER) < 0)
			return -1;
	return 0;
}

int
sink_recall(struct sink *s, const struct origin *origin, uint64_t length)
{
	if (cover(s, origin, length) < 0)
		return -1;
	s->origin = *origin;
	s->known = true;
	s->scattered = origin->held_count > 0;
	s->have = coverage_bytes(&s->there);
	s->noted = s->have;
	return 0;
}

bool
sink_can_restart(const struct sink *s)
{
	return !s->ops->once || s->have == 0;
}

int
sink_restart(struct sink *s, const struct origin *origin)
{
	if (!sink_can_restart(s)) {
		errno = ESPIPE;
		return -1;
	}
	s->known = false;
	s->liars = 0;
	stop_hashing(s);
	coverage_clear(&s->there);
	coverage_clear(&s->doubted);
	s->have = 0;
	s->ended = s->spoiled = s->scattered = false;
	if (s->ops->restart && s->ops->restart(s->to, origin) < 0)
		return -1;
	sha256_init(&s->hash);
	s->known = origin != NULL;
	s->origin = origin ? *origin : (struct origin){0};
	return 0;
}

/* Neighbours count as one; what does not fit has to come again. */
static void
describe_pieces(struct sink *s)
{
	struct origin *o = &s->origin;

	o->held_count = 0;
	for (size_t i = 0; i < s->there.count; i++) {
		struct coverage_range range = s->there.list[i].range;
		size_t n = o->held_count;

		if (n > 0 && o->held[n - 1].end == range.from)
			o->held[n - 1].end = range.end;
		else if (o->held_count < ORIGIN_HELD_MAX)
			o->held[o->held_count++] = range;
	}
	if (o->held_count == 0)
		o->held[o->held_count++] = (struct coverage_range){0, 0};
}

static int
note(struct sink *s)
{
	describe_pieces(s);
	s->noted = s->have;
	return s->ops->note(s->to, &s->origin);
}

int
sink_scatter(struct sink *s)
{
	if (s->scattered)
		return 0;
	if (s->ops->once || !s->known) {
		errno = ESPIPE;
		return -1;
	}
	if (note(s) < 0)
		return -1;
	s->scattered = true;
	return 0;
}

/* Hold what is there against data, which lies at the byte at. */
static int
compare(struct sink *s, const struct coverage_piece *piece, uint64_t at,
    struct slice data)
{
	uint64_t from = piece->range.from > at ? piece->range.from : at;
	uint64_t end = at + data.len < piece->range.end ? at + data.len
							: piece->range.end;
	char bytes[PIECE_BYTES];

	while (from < end && piece->giver < SINK_EARLIER) {
		size_t n = end - from < PIECE_BYTES ? (size_t)(end - from)
						    : PIECE_BYTES;

		if (s->ops->read(s->to, from, bytes, n) < 0)
			return -1;
		if (memcmp(bytes, data.ptr + (from - at), n) != 0)
			s->liars |= UINT64_C(1) << piece->giver;
		from += n;
	}
	return 0;
}

static int
compare_doubted(struct sink *s, uint64_t at, struct slice data)
{
	for (size_t i = 0; i < s->doubted.count; i++)
		if (compare(s, s->doubted.list + i, at, data) < 0)
			return -1;
	return 0;
}

static int
keep(struct sink *s)
{
	if (!s->ops->keep || !s->known)
		return 0;
	if (s->scattered)
		describe_pieces(s);
	return s->ops->keep(s->to, &s->origin);
}

/* With a digest it will show whether all is there, without one it will not. */
static int
keep_some(struct sink *s)
{
	if (!s->known || !s->ops->keep)
		return 0;
	if (s->scattered && s->have - s->noted >= NOTE_BYTES)
		return note(s);
	if (s->origin.digest.known || s->have - s->origin.have < PART_PIECE)
		return 0;
	return keep(s);
}

int
sink_write(struct sink *s, uint64_t at, struct slice data, unsigned giver)
{
	struct coverage_range range = {at, at + data.len};

	if (s->doubted.count && compare_doubted(s, at, data) < 0)
		return -1;
	if (s->ops->write(s->to, at, data) < 0)
		return -1;
	if (coverage_add(&s->there, range, giver) < 0)
		return -1;
	s->have = coverage_bytes(&s->there);
	s->come += data.len;
	if (s->ops->once)
		sha256_add(&s->hash, data.ptr, data.len);
	else if (s->origin.digest.known)
		hash_on(s);
	return keep_some(s);
}

void
sink_end(struct sink *s, uint64_t end)
{
	s->ended = true;
	s->end = end;
}

bool
sink_is_sized(const struct sink *s)
{
	return s->ended || (s->known && s->origin.sized);
}

uint64_t
sink_size(const struct sink *s)
{
	return s->ended ? s->end : s->origin.size;
}

bool
sink_is_complete(const struct sink *s)
{
	return sink_is_sized(s) && s->have == sink_size(s);
}

int
sink_leave(struct sink *s)
{
	uint64_t length;

	if (keep(s) == 0)
		return 0;
	stop_hashing(s);
	if (!part_is_full(errno) || s->ops->spare(s->to, &length) < 0)
		return -1;
	coverage_cut(&s->there, length);
	s->have = coverage_bytes(&s->there);
	return keep(s);
}

static void
on_digested(void *owner, int error)
{
	struct sink *s = owner;
	struct digest digest;

	if (!error)
		digester_result(&s->digester, &digest);
	s->digested(s->digested_owner, error ? NULL : &digest, error);
}

void
sink_digest(struct sink *s,
    void (*done)(void *owner, const struct digest *digest, int error),
    void *owner)
{
	struct sha256 copy = s->hash;
	struct digest digest;

	if (s->ops->once) {
		sha256_end(&copy, &digest);
		done(owner, &digest, 0);
		return;
	}
	s->digested = done;
	s->digested_owner = owner;
	hash_on(s);
	digester_finish(&s->digester, s->have, on_digested, s);
}

int
sink_doubt(struct sink *s, unsigned giver)
{
	stop_hashing(s);
	s->spoiled = true;
	s->liars = 0;
	for (size_t i = 0; i < s->there.count; i++) {
		const struct coverage_piece *piece = s->there.list + i;

		if (piece->giver != giver &&
		    coverage_add(&s->doubted, piece->range, piece->giver) < 0)
			return -1;
	}
	coverage_keep(&s->there, giver);
	s->have = coverage_bytes(&s->there);
	s->scattered = false;
	return sink_scatter(s);
}
