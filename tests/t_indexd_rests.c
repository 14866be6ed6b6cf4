#include <errno.h>
#include <stdint.h>
#include <stdio.h>

#include "indexd/shard.h"
#include "tap.h"

/*
 * Searches that cost most let go of a shard again and again, so that nobody
 * waits for long: how often is counted, for time would not decide.
 */

/* A name of so many bytes, and words that look as if it held them. */
#define LONG_BYTES 3968
#define NAMES 500u
#define WORDS 32

/* Where nothing is done behind the scenes with so few names. */
static const struct store_shape waiting = {1u << 20, 1u << 19, 1u << 20, true};

/* Of the thread that searches alone. */
static _Thread_local unsigned rests;
static _Thread_local void (*on_rest)(struct shard *sh);

void __real_shard_unlock(struct shard *sh);
void __wrap_shard_unlock(struct shard *sh);

void
__wrap_shard_unlock(struct shard *sh)
{
	__real_shard_unlock(sh);
	rests++;
	if (on_rest)
		on_rest(sh);
}

/* Nobody heeds that a search holds the names. */
static void
move(struct shard *sh)
{
	shard_write(sh);
	sh->catalog.names.generation++;
	__real_shard_unlock(sh);
}

static void
move_unless_held(struct shard *sh)
{
	if (atomic_load(&sh->holds) == 0)
		move(sh);
}

static struct store_peer *
join(struct store *s)
{
	const struct store_peer_spec spec = {
	    .at = {.port = 9000}, .max_files = 2 * NAMES};
	struct store_peer *peer = store_join(s, 0, &spec);

	if (!peer)
		abort();
	return peer;
}

static void
add(struct store_peer *peer, struct slice path)
{
	struct store_change change = {.add = true, .path = path};

	if (store_apply(peer, &change, 1) != 0)
		abort();
}

/* Names of one letter nearly, in which a search is misled at each byte. */
static void
add_misleading(struct store_peer *peer)
{
	char path[LONG_BYTES + 16];

	memset(path, 'z', LONG_BYTES);
	for (size_t i = 127; i < LONG_BYTES; i += 128)
		path[i] = 'y';
	for (unsigned i = 0; i < NAMES; i++)
		add(peer,
		    slice_of(path,
			LONG_BYTES +
			    (size_t)snprintf(path + LONG_BYTES, 16, ".%u", i)));
}

/* Names of long words, each of which occurs twice. */
static void
add_long_words(struct store_peer *peer)
{
	char path[LONG_BYTES + 32];
	int len;

	memset(path, 'z', LONG_BYTES);
	for (unsigned i = 0; i < 2 * NAMES; i++) {
		len = snprintf(path + LONG_BYTES, 32, "%u %u", i / 2, i % 2);
		add(peer, slice_of(path, LONG_BYTES + (size_t)len));
	}
}

/* Words of the same letter, from so many letters on. */
struct words {
	struct slice list[WORDS];
	char text[WORDS * 300];
};

static void
make_words(struct words *w, size_t letters)
{
	char *at = w->text;

	memset(w->text, 'z', sizeof w->text);
	for (size_t i = 0; i < WORDS; i++) {
		w->list[i] = slice_of(at, letters + i);
		at += letters + i;
		*at++ = ' ';
	}
}

/* 0, or the errno. */
static int
find(struct store *s, const struct store_query *query, enum store_haste haste)
{
	const struct store_view view = {.haste = haste};
	struct store_hits hits = {0};
	int error;

	rests = 0;
	error = store_find(s, query, &view, &hits) < 0 ? errno : 0;
	store_hits_free(&hits);
	return error;
}

/* That it rests at least so often, and that who is in a hurry is told to wait. */
static void
test_rests(struct store *s, const struct store_query *query, unsigned least,
    const char *what)
{
	tap_ok(find(s, query, STORE_ANY) == 0 && rests >= least,
	    "a search in %s rests", what);
	tap_note("%u times", rests);
	tap_ok(find(s, query, STORE_NOW) == EAGAIN && rests < 5,
	    "and does not keep who is in a hurry");
}

/* Finds the misleading names, but not before it was misled in each. */
static struct store_query
misled_query(void)
{
	static struct words words;

	make_words(&words, 128);
	return (struct store_query){.words = SLICE("zzz"),
	    .not_words = words.list,
	    .not_count = WORDS,
	    .under = UINT64_MAX,
	    .limit = 10};
}

static void
test_misleading(const struct store_shape *shape, const char *what)
{
	struct store *s = shape ? store_new_shaped(1, shape) : store_new(1);
	struct store_peer *peer = join(s);
	struct store_query query = misled_query();

	add_misleading(peer);
	if (!shape)
		store_settle(s);
	test_rests(s, &query, 40, what);
	store_leave(peer);
	store_free(s);
}

static void
test_long_words(void)
{
	struct store *s = store_new(1);
	struct store_peer *peer = join(s);
	static struct words words;
	const struct slice *last = &words.list[WORDS - 1];
	struct store_query query = {.under = UINT64_MAX, .limit = 10};

	make_words(&words, 200);
	query.words = slice_of(
	    words.text, (size_t)(last->ptr - words.text) + last->len);
	add_long_words(peer);
	store_settle(s);
	test_rests(s, &query, 20, "words that are long");
	store_leave(peer);
	store_free(s);
}

/* Names that move while a search rests. */
static void
test_moving(void)
{
	struct store *s = store_new_shaped(1, &waiting);
	struct store_peer *peer = join(s);
	struct store_query query = misled_query();

	add_misleading(peer);
	on_rest = move_unless_held;
	tap_is_num(find(s, &query, STORE_ANY), 0,
	    "a search holds names that have moved often, and ends well");
	on_rest = move;
	tap_is_num(find(s, &query, STORE_ANY), EBUSY,
	    "when they move all the same, it ends with that");
	on_rest = NULL;
	tap_is_num(
	    find(s, &query, STORE_ANY), 0, "and the next one is as ever");
	store_leave(peer);
	store_free(s);
}

int
main(void)
{
	test_misleading(&waiting, "names that wait");
	test_misleading(NULL, "names that are indexed");
	test_long_words();
	test_moving();
	return tap_done();
}
