#include "nshare/catalogue.h"

#include "dice.h"
#include "lib/buf.h"
#include "tap.h"

static const struct digest known = {.bytes = {42}, .known = true};

static struct catalogue_file
file_of(const char *path, uint64_t size)
{
	return (struct catalogue_file){
	    .path = slice_str(path), .size = size, .mtime = -5};
}

static struct catalogue *
make(const char *const *paths, size_t count)
{
	struct catalogue *c = catalogue_new();

	for (size_t i = 0; i < count; i++) {
		const struct catalogue_file file = file_of(paths[i], i);

		if (catalogue_fill(c, &file) < 0)
			exit(1);
	}
	if (catalogue_settle(c) < 0)
		exit(1);
	return c;
}

static int
add(struct catalogue *c, const char *path, uint64_t size)
{
	const struct catalogue_file file = file_of(path, size);

	return catalogue_add(c, &file);
}

static struct buf told;

static bool
tell(void *arg, const struct catalogue_file *file)
{
	size_t *left = arg;

	buf_printf(&told, "%.*s=%llu ", (int)file->path.len, file->path.ptr,
	    (unsigned long long)file->size);
	return --*left > 0;
}

/* Up to most files from the first one at or after from. */
static struct slice
walk(struct catalogue *c, const char *from, size_t most)
{
	buf_truncate(&told, 0);
	catalogue_walk(c, slice_str(from), tell, &most);
	return buf_slice(&told);
}

/* What is next, as one letter and a path: of all of them, or of one. */
static struct slice
hear(struct catalogue *c, struct catalogue_reader *r, size_t most)
{
	struct catalogue_copy copy;

	buf_truncate(&told, 0);
	while (most-- > 0 && catalogue_next(c, r, &copy))
		buf_printf(&told, "%c%s ",
		    copy.gone			 ? '-'
			: copy.appeared		 ? '+'
			: copy.file.digest.known ? '#'
						 : '=',
		    copy.path);
	return buf_slice(&told);
}

static const char *const paths[] = {
    "b", "a/b", "a-b", "a", "a/a/a", "\xff", "a0", "B", "a/b c"};

static void
test_order(void)
{
	struct catalogue *c = make(paths, 9);

	tap_is_num((long long)catalogue_count(c), 9, "every file is there");
	tap_is_slice(walk(c, "", 99),
	    SLICE("B=7 a=3 a-b=2 a/a/a=4 a/b=1 a/b c=8 a0=6 b=0 \xff=5 "),
	    "in the order of their bytes, with their sizes");
	tap_is_slice(walk(c, "a/b", 2), SLICE("a/b=1 a/b c=8 "),
	    "from any path on, as many as are wanted");
	tap_is_slice(walk(c, "a/a/b", 1), SLICE("a/b=1 "),
	    "from where a path would stand");
	add(c, "a/b", 11);
	add(c, "a/bb", 12);
	catalogue_remove(c, SLICE("a/b c"));
	tap_is_slice(walk(c, "a/b", 3), SLICE("a/b=11 a/bb=12 a0=6 "),
	    "and what comes, changes and goes is in its place");
	catalogue_free(c);
	c = make(NULL, 0);
	tap_is_slice(walk(c, "", 9), SLICE(""), "an empty one is empty");
	add(c, "x", 1);
	tap_is_slice(walk(c, "", 9), SLICE("x=1 "), "until something comes");
	catalogue_free(c);
}

static void
test_twins(void)
{
	struct catalogue *c = make(
	    (const char *const[]){"b", "a", "b", "c", "a", "b"}, 6);

	tap_is_slice(walk(c, "", 9), SLICE("a=4 b=5 c=3 "),
	    "of a path that is filled in again the last counts");
	tap_is_num((long long)catalogue_count(c), 3, "and once");
	tap_is_num(catalogue_remove(c, SLICE("b")), 1, "it goes");
	tap_is_num(catalogue_remove(c, SLICE("b")), 0, "at once");
	tap_is_num(add(c, "bb", 7), 1, "and another has its place");
	tap_is_slice(walk(c, "", 9), SLICE("a=4 bb=7 c=3 "), "in order");
	catalogue_free(c);
}

static void
test_news(void)
{
	struct catalogue *c = make(paths, 1);
	struct catalogue_file file = file_of("b", 0);

	tap_is_num(add(c, "b", 0), 0, "what was known is no news");
	tap_is_num(add(c, "b", 1), 1, "another size is");
	file.size = 1;
	file.mtime = 7;
	tap_is_num(catalogue_add(c, &file), 1, "so is another time");
	file.digest = known;
	tap_is_num(catalogue_add(c, &file), 1, "so is a digest");
	tap_is_num(catalogue_add(c, &file), 0, "once");
	file.digest.known = false;
	tap_is_num(catalogue_add(c, &file), 1, "and that it is not known");
	tap_is_num(catalogue_remove(c, SLICE("b")), 1, "an end is news");
	tap_is_num(catalogue_remove(c, SLICE("b")), 0, "once");
	tap_is_num(add(c, "b", 1), 1, "and so is a return");
	tap_is_num(add(c, "", 1), 1, "even of a path that is none");
	catalogue_free(c);
}

static void
test_readers(void)
{
	struct catalogue *c = make(paths, 3);
	struct catalogue_reader r = {.here = NULL}, late = {.here = NULL};

	catalogue_end(c, &r);
	catalogue_begin(c, &r);
	tap_is_slice(hear(c, &r, 1), SLICE("+a-b "), "a reader hears a file");
	add(c, "z", 1);
	add(c, "a-b", 9);
	catalogue_remove(c, SLICE("a/b"));
	tap_is_slice(hear(c, &r, 9), SLICE("+b +z =a-b -a/b "),
	    "then the others, then what came, changed and went meanwhile");
	tap_is_slice(hear(c, &r, 9), SLICE(""), "all of it once");
	catalogue_begin(c, &late);
	tap_is_slice(hear(c, &late, 9), SLICE("+a-b +b +z "),
	    "who begins later hears what there is then");
	catalogue_remove(c, SLICE("z"));
	add(c, "z", 2);
	tap_is_slice(hear(c, &r, 9), SLICE("+z "),
	    "several changes are told as one, as things stand by then");
	catalogue_remove(c, SLICE("z"));
	tap_is_slice(
	    hear(c, &late, 9), SLICE("-z "), "to everyone at his own pace");
	add(c, "y", 1);
	tap_is_slice(hear(c, &r, 9), SLICE("-z +y "),
	    "what one has not heard of is not forgotten for him");
	catalogue_end(c, &late);
	catalogue_end(c, &late);
	catalogue_end(c, &r);
	catalogue_free(c);
}

static void
test_slow_reader(void)
{
	struct catalogue *c = make(paths, 3);
	struct catalogue_reader slow = {.here = NULL}, quick = {.here = NULL};
	bool heard = true;

	catalogue_begin(c, &slow);
	catalogue_begin(c, &quick);
	hear(c, &slow, 9);
	hear(c, &quick, 9);
	add(c, "new", 1);
	for (uint64_t i = 0; i < 5000; i++) {
		add(c, "b", 100 + i);
		heard = heard &&
		    slice_eq(hear(c, &quick, 9),
			i ? SLICE("=b ") : SLICE("+new =b "));
	}
	tap_ok(heard, "who listens hears of every change");
	add(c, "a-b", 5);
	catalogue_remove(c, SLICE("a/b"));
	add(c, "new", 2);
	tap_is_slice(hear(c, &slow, 9), SLICE("=b =a-b -a/b +new "),
	    "who does not hears once of each file");
	tap_is_slice(hear(c, &quick, 9), SLICE("=a-b -a/b +new "),
	    "while the other hears of what came then");
	tap_is_slice(hear(c, &slow, 9), SLICE(""), "and of no more");
	catalogue_end(c, &slow);
	catalogue_end(c, &quick);
	catalogue_free(c);
}

static void
test_below(void)
{
	static const char *const tree[] = {
	    "d", "d/1", "d/e/2", "d0", "d-", "e/1"};
	struct catalogue *c = make(tree, 6);
	struct catalogue_reader r = {.here = NULL};
	uint64_t mark;

	tap_is_num(catalogue_remove_below(c, SLICE("d"), catalogue_mark(c)), 2,
	    "all that lies in a directory goes at once");
	tap_is_slice(
	    walk(c, "", 9), SLICE("d=0 d-=4 d0=3 e/1=5 "), "and nothing else");
	catalogue_begin(c, &r);
	hear(c, &r, 9);
	mark = catalogue_mark(c);
	add(c, "d0", 3);
	add(c, "new", 1);
	tap_is_num(catalogue_remove_below(c, SLICE(""), mark), 3,
	    "so does what was not seen since a mark, anywhere");
	tap_is_slice(hear(c, &r, 9), SLICE("+new -d -d- -e/1 "),
	    "which readers hear of");
	tap_is_num((long long)catalogue_count(c), 2, "the others stay");
	catalogue_end(c, &r);
	catalogue_free(c);
}

/* The next that is to be hashed, and of which nothing is heard meanwhile. */
static bool
next_unhashed(struct catalogue *c, struct catalogue_copy *copy)
{
	size_t place = 0;

	return catalogue_unhashed(c, &place, copy);
}

static void
test_digests(void)
{
	struct catalogue *c = make(paths, 2);
	struct catalogue_reader r = {.here = NULL};
	struct catalogue_file found = {.size = 3, .mtime = 4, .digest = known};
	struct catalogue_copy copy, old;

	catalogue_begin(c, &r);
	hear(c, &r, 9);
	tap_ok(next_unhashed(c, &old) && !strcmp(old.path, "a/b"),
	    "what has no digest is found");
	tap_is_num(catalogue_learn(c, &old, &found), 1, "and can get one");
	tap_is_slice(hear(c, &r, 9), SLICE("#a/b "), "of which readers hear");
	tap_is_slice(walk(c, "", 1), SLICE("a/b=3 "),
	    "with what else was found out about it");
	tap_is_num(catalogue_learn(c, &old, &found), 0, "once");
	tap_ok(next_unhashed(c, &copy) && !strcmp(copy.path, "b"),
	    "then the next lacks one");
	add(c, "b", 0);
	tap_is_num(catalogue_learn(c, &copy, &found), 0,
	    "a file that was looked at meanwhile may have another by now");
	next_unhashed(c, &copy);
	catalogue_remove(c, SLICE("b"));
	tap_is_num(catalogue_learn(c, &copy, &found), 0,
	    "and one that has gone needs none");
	tap_ok(!next_unhashed(c, &copy), "then nothing lacks a digest");
	add(c, "b", 0);
	next_unhashed(c, &copy);
	catalogue_spare(c, &copy);
	tap_ok(!next_unhashed(c, &copy), "nor does what cannot be read");
	add(c, "b", 0);
	tap_ok(next_unhashed(c, &copy), "until it is looked at again");
	catalogue_end(c, &r);
	catalogue_free(c);
}

static void
test_settled_digests(void)
{
	struct catalogue *c = catalogue_new();
	struct catalogue_file file = file_of("z", 1);
	struct catalogue_copy copy;
	size_t place = 0;

	catalogue_fill(c, &file);
	file.path = SLICE("a");
	file.digest = known;
	catalogue_fill(c, &file);
	catalogue_settle(c);
	tap_ok(catalogue_unhashed(c, &place, &copy) &&
		!strcmp(copy.path, "z") &&
		!catalogue_unhashed(c, &place, &copy),
	    "digests stay with their files when these are put in order");
	catalogue_free(c);
}

/* A naive one: which of so many paths there are, and their sizes. */
#define PATHS 3000

struct naive {
	uint64_t size[PATHS]; /* 0: not there */
};

static const char *
path_of(uint32_t i)
{
	static char path[64];

	snprintf(path, sizeof path, "directory %02u/with/%u/file %u", i % 50,
	    i % 7, i);
	return path;
}

/* What a reader knows, from what it was told. */
static void
follow(struct catalogue *c, struct catalogue_reader *r, struct naive *known_to)
{
	struct catalogue_copy copy;
	const char *number;

	while (catalogue_next(c, r, &copy)) {
		number = strrchr(copy.path, ' ');
		known_to->size[atoi(number)] = copy.gone ? 0 : copy.file.size;
	}
}

static bool
is_like(struct catalogue *c, const struct naive *n)
{
	static struct naive seen;
	struct catalogue_reader r = {.here = NULL};
	size_t count = 0;

	seen = (struct naive){{0}};
	catalogue_begin(c, &r);
	follow(c, &r, &seen);
	catalogue_end(c, &r);
	for (uint32_t i = 0; i < PATHS; i++) {
		count += n->size[i] > 0;
		if (seen.size[i] != n->size[i])
			return false;
	}
	return catalogue_count(c) == count;
}

static void
change(struct catalogue *c, struct naive *n, uint64_t *seed)
{
	uint32_t i = dice_draw(seed, PATHS), kind = dice_draw(seed, 200);
	char dir[32];

	if (kind < 120) {
		n->size[i] = 1 + kind;
		add(c, path_of(i), n->size[i]);
	} else if (kind < 199) {
		n->size[i] = 0;
		catalogue_remove(c, slice_str(path_of(i)));
	} else {
		snprintf(dir, sizeof dir, "directory %02u", i % 50);
		catalogue_remove_below(c, slice_str(dir), catalogue_mark(c));
		for (uint32_t j = i % 50; j < PATHS; j += 50)
			n->size[j] = 0;
	}
}

static void
test_random(void)
{
	static struct naive n, first, second;
	struct catalogue_reader readers[2] = {{.here = NULL}, {.here = NULL}};
	struct catalogue *c = make(NULL, 0);
	uint64_t seed = 7;
	bool all = true;

	catalogue_begin(c, &readers[0]);
	for (unsigned i = 0; i < 60000; i++) {
		change(c, &n, &seed);
		if (dice_draw(&seed, 50) == 0)
			follow(c, &readers[0], &first);
		if (i == 20000)
			catalogue_begin(c, &readers[1]);
		if (i == 40000)
			catalogue_end(c, &readers[0]);
		if (i == 40000)
			all = all && is_like(c, &n);
	}
	follow(c, &readers[1], &second);
	tap_ok(all && is_like(c, &n),
	    "60,000 changes leave what a naive catalogue has");
	tap_ok(!memcmp(&second, &n, sizeof n),
	    "and a reader who follows knows it, too");
	catalogue_end(c, &readers[1]);
	tap_ok(is_like(c, &n), "also when nobody needs what has gone");
	catalogue_free(c);
}

static void
test_doubt(void)
{
	struct catalogue *c = make(paths, 2);
	struct catalogue_file file = file_of("b", 0);
	struct catalogue_reader r;
	struct catalogue_copy before, copy;

	catalogue_begin(c, &r);
	file.digest = known;
	catalogue_add(c, &file);
	add(c, "a/b", 3);
	next_unhashed(c, &before);
	hear(c, &r, 99);
	tap_is_num(catalogue_doubt(c, SLICE("b")), 1,
	    "a digest that is doubted is news");
	tap_is_slice(hear(c, &r, 99), SLICE("=b "), "known no longer");
	tap_is_num(catalogue_doubt(c, SLICE("b")), 0, "once");
	tap_is_num(
	    catalogue_doubt(c, SLICE("a/b")), 0, "what had none is no news");
	tap_is_num(
	    catalogue_doubt(c, SLICE("a")), 0, "nor is what is not there");
	tap_is_num(catalogue_learn(c, &before, &file), 0,
	    "what was read of it before is out of date");
	tap_ok(!next_unhashed(c, &copy), "and it is not to be hashed");
	add(c, "b", 0);
	tap_ok(next_unhashed(c, &copy) && !strcmp(copy.path, "b"),
	    "until it is added again");
	catalogue_end(c, &r);
	catalogue_free(c);
}

int
main(void)
{
	buf_init(&told, 1 << 20);
	test_order();
	test_twins();
	test_news();
	test_readers();
	test_slow_reader();
	test_below();
	test_digests();
	test_settled_digests();
	test_doubt();
	test_random();
	buf_free(&told);
	catalogue_free(NULL);
	return tap_done();
}
