#include "sink.h"

#include <errno.h>
#include <unistd.h>

#include "part.h"

void
sink_init(struct sink *s, const struct sink_ops *ops, void *to)
{
	*s = (struct sink){.ops = ops, .to = to};
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
write_part(void *to, struct slice data)
{
	return part_write(to, data);
}

/* With a digest it will show whether all is there, without one it will not. */
static int
keep_part(void *to, struct origin *origin)
{
	struct part *part = to;

	if (origin->digest.known || part->length - origin->have < PART_PIECE)
		return 0;
	return part_keep(part, origin);
}

void
sink_to_part(struct sink *s, struct part *part)
{
	static const struct sink_ops ops = {
	    .restart = restart_part,
	    .write = write_part,
	    .keep = keep_part,
	};

	sink_init(s, &ops, part);
}

static int
write_stream(void *to, struct slice data)
{
	const struct sink *s = to;

	while (data.len) {
		ssize_t n = write(s->fd, data.ptr, data.len);

		if (n < 0 && errno != EINTR)
			return -1;
		data = slice_skip(data, n > 0 ? (size_t)n : 0);
	}
	return 0;
}

void
sink_to_stream(struct sink *s, int fd)
{
	static const struct sink_ops ops = {
	    .write = write_stream, .once = true};

	sink_init(s, &ops, s);
	s->fd = fd;
}

bool
sink_can_restart(const struct sink *s)
{
	return !s->ops->once || s->have == 0;
}

int
sink_restart(struct sink *s, const struct origin *origin)
{
	s->known = false;
	if (!sink_can_restart(s)) {
		errno = ESPIPE;
		return -1;
	}
	if (s->ops->restart && s->ops->restart(s->to, origin) < 0)
		return -1;
	s->have = 0;
	s->spoiled = false;
	sha256_init(&s->hash);
	s->known = origin != NULL;
	s->origin = origin ? *origin : (struct origin){0};
	return 0;
}

int
sink_write(struct sink *s, struct slice data)
{
	if (s->ops->write(s->to, data) < 0)
		return -1;
	s->have += data.len;
	sha256_add(&s->hash, data.ptr, data.len);
	return s->known && s->ops->keep ? s->ops->keep(s->to, &s->origin) : 0;
}

void
sink_digest(const struct sink *s, struct digest *d)
{
	struct sha256 copy = s->hash;

	sha256_end(&copy, d);
}
