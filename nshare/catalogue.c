#include "catalogue.h"

#include <stdlib.h>
#include <string.h>

#include "catalogue_state.h"

struct catalogue *
catalogue_new(void)
{
	struct catalogue *c = calloc(1, sizeof *c);

	if (!c)
		return NULL;
	c->free = CATALOGUE_NO_PLACE;
	pthread_mutex_init(&c->lock, NULL);
	return c;
}

void
catalogue_free(struct catalogue *c)
{
	if (!c)
		return;
	pthread_mutex_destroy(&c->lock);
	order_free(&c->order);
	free(c->entries);
	free(c->digests);
	free(c->text);
	free(c->news);
	free(c->last);
	free(c);
}

struct sought {
	const struct catalogue *c;
	struct slice path;
};

static bool
is_before(const void *arg, uint32_t place)
{
	const struct sought *s = arg;

	return slice_cmp(catalogue_path(s->c, place), s->path) < 0;
}

/* The spot of the first path that does not sort before path. */
static struct order_spot
spot_of(const struct catalogue *c, struct slice path)
{
	const struct sought sought = {c, path};
	const struct order_test test = {is_before, &sought};

	return order_find(&c->order, &test);
}

/* The place of path, if it stands at spot. */
static bool
is_at(const struct catalogue *c, const struct order_spot *spot,
    struct slice path, uint32_t *place)
{
	return order_at(&c->order, spot, place) &&
	    slice_eq(catalogue_path(c, *place), path);
}

/* The place of what stands at spot, if its path begins with prefix. */
static bool
is_below(const struct catalogue *c, const struct order_spot *spot,
    struct slice prefix, uint32_t *place)
{
	return order_at(&c->order, spot, place) &&
	    slice_starts(catalogue_path(c, *place), prefix);
}

static bool
is_there(const struct catalogue *c, size_t place)
{
	return c->entries[place].state == CATALOGUE_THERE;
}

/* It was looked at, whatever is new; all that was read of it is out of date. */
static void
look(struct catalogue *c, size_t place)
{
	c->entries[place].version = ++c->version;
	c->entries[place].spared = false;
}

/* 1, or -1 with ENOMEM and nothing changed. */
static int
insert(struct catalogue *c, const struct order_spot *spot,
    const struct catalogue_file *file)
{
	size_t place = catalogue_take(c, file->path);

	if (order_insert(&c->order, spot, (uint32_t)place) < 0) {
		catalogue_give(c, place);
		return -1;
	}
	catalogue_set(c, place, file);
	look(c, place);
	catalogue_tell(c, place, true);
	return 1;
}

static int
add(struct catalogue *c, const struct catalogue_file *file)
{
	struct order_spot spot;
	bool was_there;
	uint32_t place;

	if (catalogue_reserve(c, file) < 0)
		return -1;
	spot = spot_of(c, file->path);
	if (!is_at(c, &spot, file->path, &place))
		return insert(c, &spot, file);
	was_there = is_there(c, place);
	look(c, place);
	if (!catalogue_set(c, place, file))
		return 0;
	catalogue_tell(c, place, !was_there);
	return 1;
}

int
catalogue_add(struct catalogue *c, const struct catalogue_file *file)
{
	int result;

	pthread_mutex_lock(&c->lock);
	result = add(c, file);
	pthread_mutex_unlock(&c->lock);
	return result;
}

void
catalogue_drop(struct catalogue *c, size_t place)
{
	struct order_spot spot = spot_of(c, catalogue_path(c, place));

	order_remove(&c->order, &spot);
	catalogue_give(c, place);
}

/* What is there goes; readers keep its path. 0, or -1 with ENOMEM. */
static int
take_away(struct catalogue *c, size_t place)
{
	struct catalogue_entry *e = &c->entries[place];

	if (catalogue_reserve_news(c) < 0)
		return -1;
	c->count--;
	if (!c->readers) {
		catalogue_drop(c, place);
		return 0;
	}
	e->state = CATALOGUE_GONE;
	catalogue_tell(c, place, false);
	return 0;
}

/* Whether path is there, and its place. */
static bool
find(const struct catalogue *c, struct slice path, uint32_t *place)
{
	struct order_spot spot = spot_of(c, path);

	return is_at(c, &spot, path, place) && is_there(c, *place);
}

int
catalogue_remove(struct catalogue *c, struct slice path)
{
	uint32_t place;
	int result = 0;

	pthread_mutex_lock(&c->lock);
	if (find(c, path, &place))
		result = take_away(c, place) < 0 ? -1 : 1;
	catalogue_squeeze(c);
	pthread_mutex_unlock(&c->lock);
	return result;
}

static int
doubt(struct catalogue *c, size_t place)
{
	look(c, place);
	c->entries[place].spared = true;
	if (!c->digests || !c->digests[place].known)
		return 0;
	if (catalogue_reserve_news(c) < 0)
		return -1;
	c->digests[place] = (struct digest){0};
	catalogue_tell(c, place, false);
	return 1;
}

int
catalogue_doubt(struct catalogue *c, struct slice path)
{
	uint32_t place;
	int result = 0;

	pthread_mutex_lock(&c->lock);
	if (find(c, path, &place))
		result = doubt(c, place);
	pthread_mutex_unlock(&c->lock);
	return result;
}

uint64_t
catalogue_mark(struct catalogue *c)
{
	uint64_t mark;

	pthread_mutex_lock(&c->lock);
	mark = c->version;
	pthread_mutex_unlock(&c->lock);
	return mark;
}

static ptrdiff_t
remove_below(struct catalogue *c, struct slice prefix, uint64_t mark)
{
	struct order_spot spot = spot_of(c, prefix);
	ptrdiff_t removed = 0;
	uint32_t place;

	while (is_below(c, &spot, prefix, &place)) {
		if (!is_there(c, place) || c->entries[place].version > mark) {
			order_step(&c->order, &spot);
			continue;
		}
		if (take_away(c, place) < 0)
			return -1;
		removed++;
	}
	catalogue_squeeze(c);
	return removed;
}

ptrdiff_t
catalogue_remove_below(struct catalogue *c, struct slice dir, uint64_t mark)
{
	char prefix[PATH_MAX_BYTES + 1];
	ptrdiff_t removed;

	if (dir.len > PATH_MAX_BYTES)
		return 0;
	if (dir.len > 0) {
		memcpy(prefix, dir.ptr, dir.len);
		prefix[dir.len] = '/';
		dir = slice_of(prefix, dir.len + 1);
	}
	pthread_mutex_lock(&c->lock);
	removed = remove_below(c, dir, mark);
	pthread_mutex_unlock(&c->lock);
	return removed;
}

size_t
catalogue_count(struct catalogue *c)
{
	size_t count;

	pthread_mutex_lock(&c->lock);
	count = c->count;
	pthread_mutex_unlock(&c->lock);
	return count;
}

void
catalogue_walk(struct catalogue *c, struct slice from,
    bool (*visit)(void *arg, const struct catalogue_file *file), void *arg)
{
	struct order_spot spot;
	bool goes_on = true;
	uint32_t place;

	pthread_mutex_lock(&c->lock);
	spot = spot_of(c, from);
	while (goes_on && order_at(&c->order, &spot, &place)) {
		if (is_there(c, place)) {
			struct catalogue_file f = catalogue_file_at(c, place);

			goes_on = visit(arg, &f);
		}
		order_step(&c->order, &spot);
	}
	pthread_mutex_unlock(&c->lock);
}
