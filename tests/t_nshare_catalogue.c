#include "nshare/catalogue.h"

#include "tap.h"

static void
add(struct catalogue *c, const char *path, uint64_t size)
{
	const struct catalogue_file file = {
	    .path = slice_str(path), .size = size, .mtime = -5};

	if (catalogue_add(c, &file) < 0)
		tap_ok(false, "%s is added", path);
}

static struct catalogue *
make(const char *const *paths, size_t count)
{
	struct catalogue *c = catalogue_new();

	for (size_t i = 0; i < count; i++)
		add(c, paths[i], i);
	catalogue_sort(c);
	return c;
}

static void
test_order(void)
{
	static const char *const paths[] = {
	    "b", "a/b", "a-b", "a", "a/a/a", "\xff", "a0", "B", "a/b c"};
	static const char *const sorted[] = {
	    "B", "a", "a-b", "a/a/a", "a/b", "a/b c", "a0", "b", "\xff"};
	struct catalogue *c = make(paths, 9);
	bool in_order = true;

	tap_is_num((long long)catalogue_count(c), 9, "every file is there");
	for (size_t i = 0; i < 9; i++)
		in_order = in_order &&
		    slice_eq(catalogue_at(c, i).path, slice_str(sorted[i]));
	tap_ok(in_order, "in the order of their bytes");
	tap_is_num((long long)catalogue_at(c, 0).size, 7, "with its size");
	tap_is_num(catalogue_at(c, 0).mtime, -5, "and its time");
	catalogue_free(c);
}

static void
test_find(void)
{
	static const char *const paths[] = {
	    "a", "d/1", "d/2", "d/3", "d/e/1", "d0", "e"};
	struct catalogue *c = make(paths, 7);

	tap_is_num((long long)catalogue_find(c, 0, SLICE("d/")), 1,
	    "what begins with a prefix is found");
	tap_is_num((long long)catalogue_skip(c, 1, SLICE("d/")), 5,
	    "and where it ends");
	tap_is_num(
	    (long long)catalogue_find(c, 0, SLICE("d0")), 5, "a path is found");
	tap_is_num((long long)catalogue_find(c, 0, SLICE("zz")), 7,
	    "past the last is the count");
	tap_is_num((long long)catalogue_find(c, 0, SLICE("")), 0,
	    "the empty path is before the first");
	tap_is_num((long long)catalogue_skip(c, 6, SLICE("e")), 7,
	    "the last may be skipped");
	tap_is_num((long long)catalogue_skip(c, 0, SLICE("")), 7,
	    "everything may be skipped");
	catalogue_free(c);
}

/* For every number of files below a directory, whatever the steps are. */
static void
test_skip_steps(void)
{
	bool right = true;

	for (size_t n = 1; n < 70; n++) {
		struct catalogue *c = catalogue_new();
		char path[32];

		for (size_t i = 0; i < n; i++) {
			snprintf(path, sizeof path, "d/%03zu", i);
			add(c, path, 0);
		}
		add(c, "a", 0);
		add(c, "z", 0);
		catalogue_sort(c);
		for (size_t i = 1; i <= n; i++)
			right = right &&
			    catalogue_skip(c, i, SLICE("d/")) == n + 1;
		catalogue_free(c);
	}
	tap_ok(right, "the end of a directory is found from anywhere in it");
}

static void
test_many(void)
{
	struct catalogue *c = catalogue_new();
	bool right = true;
	char path[32];

	for (unsigned i = 0; i < 50000; i++) {
		snprintf(path, sizeof path, "%05u/x", i * 7919 % 50000);
		add(c, path, i);
	}
	catalogue_sort(c);
	for (unsigned i = 0; i < 50000; i++) {
		snprintf(path, sizeof path, "%05u/x", i);
		right = right &&
		    slice_eq(catalogue_at(c, i).path, slice_str(path)) &&
		    catalogue_find(c, 0, slice_str(path)) == i;
	}
	tap_ok(right, "fifty thousand files are sorted and found");
	catalogue_free(c);
}

static void
test_edges(void)
{
	static char path[65536];
	struct catalogue *c = catalogue_new();
	struct catalogue_file file = {.path = {path, sizeof path}};

	memset(path, 'a', sizeof path);
	catalogue_sort(c);
	tap_is_num((long long)catalogue_count(c), 0, "there may be no file");
	tap_is_num((long long)catalogue_find(c, 0, SLICE("a")), 0,
	    "of which none is found");
	tap_ok(catalogue_add(c, &file) < 0, "65536 bytes are no path");
	file.path.len--;
	tap_ok(catalogue_add(c, &file) == 0, "65535 bytes are");
	file.size = UINT64_MAX;
	file.mtime = INT64_MIN;
	file.path.len = 1;
	tap_ok(catalogue_add(c, &file) == 0, "any size and time is kept");
	catalogue_sort(c);
	tap_ok(catalogue_at(c, 0).size == UINT64_MAX &&
		catalogue_at(c, 0).mtime == INT64_MIN,
	    "as it was");
	catalogue_free(c);
	catalogue_free(NULL);
}

static void
test_lines(void)
{
	struct catalogue *c = catalogue_new();

	catalogue_sort(c);
	tap_is_num(
	    (long long)catalogue_lines(c, 0, 0), 0, "no file has no lines");
	add(c, "d/a b", 1);
	catalogue_sort(c);
	tap_is_num((long long)catalogue_lines(c, 0, 1), 8,
	    "a line is the encoded path and its end");
	catalogue_free(c);

	c = catalogue_new();
	add(c, "z", 1);
	add(c, "\xff", 1);
	add(c, "d/a b", 1);
	catalogue_sort(c);
	tap_ok(catalogue_lines(c, 0, 3) == 14 &&
		catalogue_lines(c, 0, 1) == 8 &&
		catalogue_lines(c, 1, 3) == 6 && catalogue_lines(c, 2, 3) == 4,
	    "those of any run of files are known");
	tap_is_num((long long)catalogue_lines(c, 2, 2), 0, "an empty one too");
	catalogue_free(c);
}

static void
test_learning(void)
{
	struct catalogue *c = catalogue_new();
	struct catalogue_file file = {
	    .size = 7, .mtime = 8, .digest = {.bytes = {1, 2}, .known = true}};

	add(c, "b", 1);
	add(c, "a", 2);
	catalogue_sort(c);
	tap_ok(
	    !catalogue_at(c, 0).digest.known, "a digest is unknown at first");
	tap_is_num((long long)catalogue_news(c), 0, "and there are no news");
	tap_ok(catalogue_learn(c, 1, &file) == 0, "it can be learned");
	file.size = 9;
	tap_ok(catalogue_learn(c, 0, &file) == 0 &&
		catalogue_learn(c, 1, &file) == 0,
	    "more than once");
	tap_ok(catalogue_news(c) == 3 && catalogue_learned(c, 0) == 1 &&
		catalogue_learned(c, 1) == 0 && catalogue_learned(c, 2) == 1,
	    "news tell of which file, in the order in which they came");
	file = catalogue_at(c, 1);
	tap_is_slice(file.path, SLICE("b"), "the path stays");
	tap_ok(file.size == 9 && file.mtime == 8 && file.digest.known &&
		file.digest.bytes[1] == 2,
	    "size, time and digest are what was learned last");
	catalogue_free(c);
}

/* Digests that are known beforehand, of some files. */
static void
test_known_before(void)
{
	struct catalogue *c = catalogue_new();
	struct catalogue_file file;
	char path[16];
	unsigned right = 0;

	for (int i = 3000; i-- > 0;) {
		snprintf(path, sizeof path, "%04d", i);
		file = (struct catalogue_file){.path = slice_str(path)};
		file.digest.known = i % 3 == 0 && i >= 300 && i < 2700;
		file.digest.bytes[0] = (uint8_t)(i / 3);
		if (catalogue_add(c, &file) < 0)
			abort();
	}
	catalogue_sort(c);
	for (size_t i = 0; i < 3000; i++) {
		file = catalogue_at(c, i);
		if (i % 3 != 0 || i < 300 || i >= 2700)
			right += !file.digest.known;
		else
			right += file.digest.known &&
			    file.digest.bytes[0] == (uint8_t)(i / 3);
	}
	tap_is_num(right, 3000, "a digest goes where its file goes");
	tap_is_num((long long)catalogue_news(c), 0, "and is no news");
	catalogue_free(c);
}

int
main(void)
{
	test_learning();
	test_known_before();
	test_order();
	test_find();
	test_skip_steps();
	test_many();
	test_edges();
	test_lines();
	return tap_done();
}
