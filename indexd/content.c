#include "content.h"

#include <string.h>

struct record {
	uint32_t listing;
	uint32_t next;
	uint32_t prev;
	uint32_t tag;
	uint8_t bytes[DIGEST_BYTES];
};

static struct record *
record_at(const struct contents *c, uint32_t id)
{
	return slab_at(&c->slab, id);
}

void
content_init(struct contents *c, const struct hash_key *key)
{
	*c = (struct contents){.key = *key};
	slab_init(&c->slab, sizeof(struct record));
}

void
content_free(struct contents *c)
{
	slab_free(&c->slab);
	table_free(&c->table);
}

static uint32_t
tag_of(const struct contents *c, const uint8_t bytes[DIGEST_BYTES])
{
	return (uint32_t)(hash_bytes(&c->key, bytes, DIGEST_BYTES) >> 32);
}

static uint32_t
find(const struct contents *c, uint32_t tag, const uint8_t bytes[DIGEST_BYTES])
{
	struct table_walk walk = table_walk(&c->table, tag);
	uint32_t id;

	while ((id = table_next(&walk)) != CONTENT_NONE)
		if (!memcmp(record_at(c, id)->bytes, bytes, DIGEST_BYTES))
			break;
	return id;
}

/* Behind the first of its chain, so that the table need not change. */
static void
join_chain(struct contents *c, uint32_t head, uint32_t id)
{
	struct record *first = record_at(c, head), *new = record_at(c, id);

	new->prev = head;
	new->next = first->next;
	if (new->next != CONTENT_NONE)
		record_at(c, new->next)->prev = id;
	first->next = id;
}

uint32_t
content_add(struct contents *c, uint32_t listing, const struct digest *digest)
{
	uint32_t tag = tag_of(c, digest->bytes);
	uint32_t head = find(c, tag, digest->bytes);
	uint32_t id = slab_new(&c->slab);
	struct record *new;

	if (id == CONTENT_NONE)
		return CONTENT_NONE;
	new = record_at(c, id);
	*new = (struct record){listing, CONTENT_NONE, CONTENT_NONE, tag, {0}};
	memcpy(new->bytes, digest->bytes, DIGEST_BYTES);
	if (head != CONTENT_NONE) {
		join_chain(c, head, id);
	} else if (table_add(&c->table, tag, id) < 0) {
		slab_drop(&c->slab, id);
		return CONTENT_NONE;
	}
	return id;
}

void
content_drop(struct contents *c, uint32_t id)
{
	struct record *old = record_at(c, id);

	if (old->next != CONTENT_NONE)
		record_at(c, old->next)->prev = old->prev;
	if (old->prev != CONTENT_NONE)
		record_at(c, old->prev)->next = old->next;
	else if (old->next != CONTENT_NONE)
		table_rename(&c->table, old->tag, id, old->next);
	else
		table_drop(&c->table, old->tag, id);
	slab_drop(&c->slab, id);
}

void
content_set_listing(struct contents *c, uint32_t id, uint32_t listing)
{
	record_at(c, id)->listing = listing;
}

struct digest
content_digest(const struct contents *c, uint32_t id)
{
	struct digest digest = {.known = id != CONTENT_NONE};

	if (digest.known)
		memcpy(digest.bytes, record_at(c, id)->bytes, DIGEST_BYTES);
	return digest;
}

uint32_t
content_find(const struct contents *c, const struct digest *digest)
{
	if (!digest->known)
		return CONTENT_NONE;
	return find(c, tag_of(c, digest->bytes), digest->bytes);
}

uint32_t
content_next(const struct contents *c, uint32_t id)
{
	return record_at(c, id)->next;
}

uint32_t
content_listing(const struct contents *c, uint32_t id)
{
	return record_at(c, id)->listing;
}

/* Who wants to know of a record that moves. */
struct moving {
	struct contents *contents;
	void (*moved)(void *, uint32_t, uint32_t);
	void *context;
};

static void
record_moved(void *context, uint32_t from, uint32_t to)
{
	struct moving *m = context;
	struct contents *c = m->contents;
	struct record *r = record_at(c, to);

	if (r->next != CONTENT_NONE)
		record_at(c, r->next)->prev = to;
	if (r->prev != CONTENT_NONE)
		record_at(c, r->prev)->next = to;
	else
		table_rename(&c->table, r->tag, from, to);
	m->moved(m->context, r->listing, to);
}

bool
content_tidy(struct contents *c, unsigned budget,
    void (*moved)(void *, uint32_t, uint32_t), void *context)
{
	struct moving m = {c, moved, context};

	table_trim(&c->table);
	return slab_close_up(&c->slab, budget, record_moved, &m);
}
