#include <errno.h>

#include "indexd/store.h"
#include "tests/fuzz/fuzz.h"
#include "tests/naive.h"

/*
 * Lines: a digit that says how the store is cut up; then paths, and questions,
 * which begin with a question mark: the limit, the extensions, one word not
 * wanted and the words, separated by bars. All are asked where they stand, and
 * again when names have been indexed behind the scenes. A path that begins with
 * a star and a number is so many, each with its own number for the #.
 */
#define PEERS 2
#define BATCH 32
#define QUESTIONS_MAX 32
#define TEXT_MAX 1000
#define PATHS_MAX 500
#define NAMES_BYTES 65536

static const struct store_shape shapes[] = {
    {4, 2, 4, false},
    {64, 4, 8, false},
    {16, 1, 2, false},
    {512, 16, 256, false},
    {8, 2, 64, true},
};

struct question {
	struct store_query query;
	struct slice not_word;
};

struct world {
	struct store *store;
	struct naive naive;
	struct store_peer *peers[PEERS];
	struct store_change batches[PEERS][BATCH]; /* the store's, not yet */
	size_t batched[PEERS];
	size_t paths;
	struct buf names; /* those that are not in the input */
	struct question questions[QUESTIONS_MAX];
	size_t asked;
	struct store_hits hits;
};

static void
begin(struct world *w, unsigned kind)
{
	size_t count = sizeof shapes / sizeof *shapes;
	unsigned shards = 1 + kind / count % PEERS;

	*w = (struct world){
	    .store = store_new_shaped(shards, &shapes[kind % count])};
	buf_init(&w->names, NAMES_BYTES);
	if (!w->store || !buf_reserve(&w->names, NAMES_BYTES))
		abort();
	for (size_t i = 0; i < PEERS; i++) {
		struct store_peer_spec spec = {
		    .at = {.ip = {[0] = 0x20, [15] = (uint8_t)i}, .port = 9000},
		    .max_files = UINT64_MAX};

		w->peers[i] = store_join(w->store, (unsigned)i % shards, &spec);
		if (!w->peers[i])
			abort();
		naive_join(&w->naive, i, &spec);
	}
}

static void
end(struct world *w)
{
	for (size_t i = 0; i < PEERS; i++)
		store_leave(w->peers[i]);
	store_hits_free(&w->hits);
	store_free(w->store);
	naive_free(&w->naive);
	buf_free(&w->names);
}

/* What one peer has said goes to the store at once. */
static void
flush(struct world *w, size_t peer)
{
	FUZZ_ASSERT(store_apply(w->peers[peer], w->batches[peer],
			w->batched[peer]) == 0);
	w->batched[peer] = 0;
	FUZZ_ASSERT(store_files(w->peers[peer]) == w->naive.peers[peer].files);
}

static void
say(struct world *w, size_t peer, const struct store_change *change)
{
	FUZZ_ASSERT(naive_apply(&w->naive, peer, change));
	w->batches[peer][w->batched[peer]++] = *change;
	if (w->batched[peer] == BATCH)
		flush(w, peer);
}

static void
ask(struct world *w, const struct question *q)
{
	struct store_view view = {.client = {.ip = {[0] = 0x20, [15] = 9}}};
	struct store_query query = q->query;
	struct naive_query same = {
	    .words = &query, .view = &view, .limit = query.limit};

	query.not_words = &q->not_word;
	if (store_find(w->store, &query, &view, &w->hits) < 0)
		FUZZ_ASSERT(errno == EINVAL || errno == E2BIG);
	else
		FUZZ_ASSERT(naive_agrees(&w->naive, &same, &w->hits));
}

static void
take_question(struct world *w, struct slice text)
{
	struct question *q = &w->questions[w->asked];
	struct slice limit;

	if (w->asked == QUESTIONS_MAX)
		return;
	*q = (struct question){.query = {.under = UINT64_MAX}};
	slice_cut(text, '|', &limit, &text);
	q->query.limit = (size_t)fuzz_number(&limit);
	slice_cut(text, '|', &q->query.ext, &text);
	slice_cut(text, '|', &q->not_word, &q->query.words);
	q->query.not_count = q->not_word.len > 0;
	w->asked++;
	for (size_t i = 0; i < PEERS; i++)
		flush(w, i);
	ask(w, q);
}

/* The peers take turns. A path that comes again goes. */
static void
take_path(struct world *w, struct slice path)
{
	size_t peer = w->paths++ % PEERS;
	uint64_t before = w->naive.peers[peer].files;
	struct store_change change = {
	    .add = true, .path = path, .size = 1, .mtime = 1};

	if (path.len == 0 || slice_find(path, '\0') >= 0)
		return;
	say(w, peer, &change);
	change.add = false;
	if (w->naive.peers[peer].files == before)
		say(w, peer, &change);
}

/* The names have room, so that those that are there stay where they are. */
static void
take_paths(struct world *w, struct slice many)
{
	struct slice number, head, tail;
	size_t count;

	slice_cut(many, ' ', &number, &many);
	count = (size_t)fuzz_number(&number);
	slice_cut(many, '#', &head, &tail);
	for (size_t i = 0; i < count && w->paths < PATHS_MAX; i++) {
		size_t start = buf_len(&w->names);

		if (buf_room(&w->names) < many.len + 8)
			return;
		buf_add_slice(&w->names, head);
		buf_add_num(&w->names, i);
		buf_add_slice(&w->names, tail);
		take_path(w, slice_skip(buf_slice(&w->names), start));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world w;
	struct slice in = fuzz_input(data, size);

	begin(&w, fuzz_byte(&in) - (unsigned)'0');
	fuzz_line(&in);
	while (in.len > 0 && w.paths < PATHS_MAX) {
		struct slice line = fuzz_line(&in);

		if (line.len > TEXT_MAX)
			continue;
		if (slice_starts(line, SLICE("?")))
			take_question(&w, slice_skip(line, 1));
		else if (slice_starts(line, SLICE("*")))
			take_paths(&w, slice_skip(line, 1));
		else
			take_path(&w, line);
	}
	for (size_t i = 0; i < PEERS; i++)
		flush(&w, i);
	store_settle(w.store);
	for (size_t i = 0; i < w.asked; i++)
		ask(&w, &w.questions[i]);
	end(&w);
	return 0;
}
