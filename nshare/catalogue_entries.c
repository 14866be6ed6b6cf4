#include "catalogue_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX_BYTES ((uint64_t)1 << 48)

/* So much text of files that have gone may stay. */
#define GARBAGE_BYTES 65536

void *
catalogue_grow(void *mem, size_t *room, size_t need, size_t size)
{
	size_t wanted = *room ? *room : 1024;
	void *grown;

	while (wanted < need)
		if (__builtin_mul_overflow(wanted, 2, &wanted)) {
			errno = ENOMEM;
			return NULL;
		}
	grown = reallocarray(mem, wanted, size);
	if (grown)
		*room = wanted;
	return grown;
}

static int
reserve_text(struct catalogue *c, size_t len)
{
	char *grown;

	if (len > UINT16_MAX || c->text_len > TEXT_MAX_BYTES - len) {
		errno = EINVAL;
		return -1;
	}
	if (len <= c->text_room - c->text_len)
		return 0;
	grown = catalogue_grow(c->text, &c->text_room, c->text_len + len, 1);
	if (!grown)
		return -1;
	c->text = grown;
	return 0;
}

static int
reserve_entry(struct catalogue *c)
{
	size_t room = c->room;
	struct catalogue_entry *entries;
	struct digest *digests;
	uint64_t *last;

	if (c->free != CATALOGUE_NO_PLACE || c->used < c->room)
		return 0;
	if (c->used == UINT32_MAX) {
		errno = ENOMEM;
		return -1;
	}
	entries = catalogue_grow(
	    c->entries, &room, c->used + 1, sizeof *entries);
	if (!entries)
		return -1;
	c->entries = entries;
	if (c->digests) {
		digests = reallocarray(c->digests, room, sizeof *digests);
		if (!digests)
			return -1;
		c->digests = digests;
	}
	if (c->last) {
		last = reallocarray(c->last, room, sizeof *last);
		if (!last)
			return -1;
		memset(last + c->room, 0, (room - c->room) * sizeof *last);
		c->last = last;
	}
	c->room = room;
	return 0;
}

/* So that digests may be set from now on. */
static int
reserve_digests(struct catalogue *c)
{
	if (!c->digests)
		c->digests = calloc(c->room, sizeof *c->digests);
	return c->digests ? 0 : -1;
}

int
catalogue_reserve(struct catalogue *c, const struct catalogue_file *file)
{
	if (reserve_text(c, file->path.len) < 0 || reserve_entry(c) < 0 ||
	    catalogue_reserve_news(c) < 0)
		return -1;
	return file->digest.known ? reserve_digests(c) : 0;
}

struct slice
catalogue_path(const struct catalogue *c, size_t place)
{
	const struct catalogue_entry *e = &c->entries[place];

	return slice_of(c->text + e->at, e->len);
}

static struct digest
digest_at(const struct catalogue *c, size_t place)
{
	return c->digests ? c->digests[place] : (struct digest){0};
}

struct catalogue_file
catalogue_file_at(const struct catalogue *c, size_t place)
{
	const struct catalogue_entry *e = &c->entries[place];

	return (struct catalogue_file){
	    .path = catalogue_path(c, place),
	    .size = e->size,
	    .mtime = e->mtime,
	    .digest = digest_at(c, place),
	};
}

/* That one, or just as little one. */
static bool
has_digest(const struct catalogue *c, size_t place, const struct digest *digest)
{
	struct digest own = digest_at(c, place);

	return own.known == digest->known &&
	    (!own.known || digest_eq(&own, digest));
}

bool
catalogue_set(
    struct catalogue *c, size_t place, const struct catalogue_file *file)
{
	struct catalogue_entry *e = &c->entries[place];
	bool same = e->state == CATALOGUE_THERE && e->size == file->size &&
	    e->mtime == file->mtime && has_digest(c, place, &file->digest);

	c->count += e->state != CATALOGUE_THERE;
	e->state = CATALOGUE_THERE;
	e->size = file->size;
	e->mtime = file->mtime;
	if (c->digests)
		c->digests[place] = file->digest;
	return !same;
}

size_t
catalogue_take(struct catalogue *c, struct slice path)
{
	size_t place = c->used;

	if (c->free != CATALOGUE_NO_PLACE) {
		place = (size_t)c->free;
		c->free = c->entries[place].next;
	} else {
		c->used++;
	}
	memcpy(c->text + c->text_len, path.ptr, path.len);
	c->entries[place] = (struct catalogue_entry){.at = c->text_len,
	    .len = (uint16_t)path.len,
	    .state = CATALOGUE_FREE};
	c->text_len += path.len;
	return place;
}

void
catalogue_squeeze(struct catalogue *c)
{
	size_t room = c->text_len - c->garbage, len = 0;
	char *text;

	if (c->garbage < GARBAGE_BYTES || c->garbage < c->text_len / 2)
		return;
	text = malloc(room > 0 ? room : 1);
	if (!text)
		return;
	for (size_t i = 0; i < c->used; i++) {
		struct catalogue_entry *e = &c->entries[i];

		if (e->state == CATALOGUE_FREE)
			continue;
		memcpy(text + len, c->text + e->at, e->len);
		e->at = len;
		len += e->len;
	}
	free(c->text);
	c->text = text;
	c->text_len = len;
	c->text_room = room;
	c->garbage = 0;
}

void
catalogue_give(struct catalogue *c, size_t place)
{
	struct catalogue_entry *e = &c->entries[place];

	c->garbage += e->len;
	*e = (struct catalogue_entry){.next = c->free, .state = CATALOGUE_FREE};
	c->free = place;
}
