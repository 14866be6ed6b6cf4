#include <stdlib.h>
#include <string.h>

#include "catalogue_state.h"

/* Whether the i-th news have not been followed by others of the same entry. */
static bool
counts(const struct catalogue *c, size_t i)
{
	return c->last[c->news[i].place] == c->forgotten + i + 1;
}

static size_t
count_before(const struct catalogue *c, size_t end)
{
	size_t count = 0;

	for (size_t i = 0; i < end; i++)
		count += counts(c, i);
	return count;
}

/* Leave out what does not count. */
static void
squeeze_news(struct catalogue *c)
{
	size_t kept = 0;

	for (struct catalogue_reader *r = c->readers; r; r = r->next)
		r->heard = c->forgotten +
		    count_before(c, (size_t)(r->heard - c->forgotten));
	for (size_t i = 0; i < c->news_count; i++) {
		if (!counts(c, i))
			continue;
		c->news[kept] = c->news[i];
		kept++;
		c->last[c->news[i].place] = c->forgotten + kept;
	}
	c->news_count = kept;
}

/* There are at most four times as many as entries that have some. */
int
catalogue_reserve_news(struct catalogue *c)
{
	struct catalogue_news *grown;

	if (!c->last && c->readers)
		c->last = calloc(c->room, sizeof *c->last);
	if (!c->last && c->readers)
		return -1;
	if (c->news_count < c->news_room)
		return 0;
	if (c->news_count > 0 &&
	    count_before(c, c->news_count) <= c->news_count / 2) {
		squeeze_news(c);
		return 0;
	}
	grown = catalogue_grow(
	    c->news, &c->news_room, c->news_count + 1, sizeof *grown);
	if (!grown)
		return -1;
	c->news = grown;
	return 0;
}

/* Who has not heard of it yet hears of both at once. */
void
catalogue_tell(struct catalogue *c, size_t place, bool appeared)
{
	uint64_t *last;

	if (!c->readers)
		return;
	last = &c->last[place];
	if (*last > c->forgotten)
		appeared |= c->news[*last - c->forgotten - 1].appeared;
	c->news[c->news_count++] = (struct catalogue_news){
	    .place = (uint32_t)place, .appeared = appeared};
	*last = c->forgotten + c->news_count;
}

/* News before heard have reached everyone: what went with them may go. */
static void
forget_until(struct catalogue *c, uint64_t heard)
{
	size_t count = (size_t)(heard - c->forgotten);

	for (size_t i = 0; i < count; i++) {
		size_t place = c->news[i].place;
		const struct catalogue_entry *e = &c->entries[place];

		if (e->state == CATALOGUE_GONE && counts(c, i))
			catalogue_drop(c, place);
	}
	c->news_count -= count;
	memmove(c->news, c->news + count, c->news_count * sizeof *c->news);
	c->forgotten = heard;
}

static void
forget_what_all_know(struct catalogue *c)
{
	uint64_t least = c->forgotten + c->news_count;

	for (struct catalogue_reader *r = c->readers; r; r = r->next)
		if (r->heard < least)
			least = r->heard;
	if (least == c->forgotten)
		return;
	forget_until(c, least);
	catalogue_squeeze(c);
}

void
catalogue_begin(struct catalogue *c, struct catalogue_reader *r)
{
	pthread_mutex_lock(&c->lock);
	*r = (struct catalogue_reader){
	    .next = c->readers,
	    .here = &c->readers,
	    .end = c->used,
	    .heard = c->forgotten + c->news_count,
	};
	if (r->next)
		r->next->here = &r->next;
	c->readers = r;
	pthread_mutex_unlock(&c->lock);
}

void
catalogue_end(struct catalogue *c, struct catalogue_reader *r)
{
	pthread_mutex_lock(&c->lock);
	if (r->here) {
		*r->here = r->next;
		if (r->next)
			r->next->here = r->here;
		r->here = NULL;
		forget_what_all_know(c);
	}
	pthread_mutex_unlock(&c->lock);
}

static void
copy_out(const struct catalogue *c, size_t place, struct catalogue_copy *copy)
{
	const struct catalogue_entry *e = &c->entries[place];
	struct slice path = catalogue_path(c, place);

	memcpy(copy->path, path.ptr, path.len);
	copy->path[path.len] = '\0';
	copy->file = catalogue_file_at(c, place);
	copy->file.path = slice_of(copy->path, path.len);
	copy->gone = e->state != CATALOGUE_THERE;
	copy->appeared = false;
	copy->place = place;
	copy->version = e->version;
}

/* What is to be told next. */
static bool
find_next(struct catalogue *c, struct catalogue_reader *r,
    struct catalogue_news *news)
{
	while (r->place < r->end) {
		size_t place = r->place++;

		*news = (struct catalogue_news){(uint32_t)place, true};
		if (c->entries[place].state == CATALOGUE_THERE)
			return true;
	}
	while (r->heard < c->forgotten + c->news_count) {
		size_t i = (size_t)(r->heard++ - c->forgotten);

		*news = c->news[i];
		if (counts(c, i))
			return true;
	}
	return false;
}

bool
catalogue_next(struct catalogue *c, struct catalogue_reader *r,
    struct catalogue_copy *copy)
{
	struct catalogue_news news;
	bool found;

	pthread_mutex_lock(&c->lock);
	found = find_next(c, r, &news);
	if (found) {
		copy_out(c, news.place, copy);
		copy->appeared = news.appeared;
	} else {
		forget_what_all_know(c);
	}
	pthread_mutex_unlock(&c->lock);
	return found;
}

static bool
lacks_digest(const struct catalogue *c, size_t place)
{
	const struct catalogue_entry *e = &c->entries[place];

	return e->state == CATALOGUE_THERE && !e->spared &&
	    !(c->digests && c->digests[place].known);
}

bool
catalogue_unhashed(
    struct catalogue *c, size_t *place, struct catalogue_copy *copy)
{
	bool found = false;

	pthread_mutex_lock(&c->lock);
	for (; *place < c->used && !found; (*place)++) {
		found = lacks_digest(c, *place);
		if (found)
			copy_out(c, *place, copy);
	}
	pthread_mutex_unlock(&c->lock);
	return found;
}

/* Whether nothing has been heard of it since it was copied. */
static bool
is_as_copied(const struct catalogue *c, const struct catalogue_copy *copy)
{
	const struct catalogue_entry *e = &c->entries[copy->place];

	return e->state == CATALOGUE_THERE && e->version == copy->version;
}

void
catalogue_spare(struct catalogue *c, const struct catalogue_copy *copy)
{
	pthread_mutex_lock(&c->lock);
	if (is_as_copied(c, copy))
		c->entries[copy->place].spared = true;
	pthread_mutex_unlock(&c->lock);
}

static int
learn(struct catalogue *c, const struct catalogue_copy *copy,
    const struct catalogue_file *file)
{
	struct catalogue_file known = *file;

	if (!is_as_copied(c, copy))
		return 0;
	known.path = SLICE("");
	if (catalogue_reserve(c, &known) < 0)
		return -1;
	if (!catalogue_set(c, copy->place, &known))
		return 0;
	catalogue_tell(c, copy->place, false);
	return 1;
}

int
catalogue_learn(struct catalogue *c, const struct catalogue_copy *copy,
    const struct catalogue_file *file)
{
	int result;

	pthread_mutex_lock(&c->lock);
	result = learn(c, copy, file);
	pthread_mutex_unlock(&c->lock);
	return result;
}
