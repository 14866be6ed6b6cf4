#include "nshare/catalogue.h"

#include "dice.h"
#include "tap.h"

/* Some file of few directories that lie in each other. */
static void
draw_path(char *path, uint64_t *seed)
{
	static const char *const names[] = {"a", "a-", "b", "a.b", "c/d"};
	size_t len = 0;

	for (uint32_t depth = dice_draw(seed, 4); depth > 0; depth--)
		len += (size_t)sprintf(
		    path + len, "%s/", names[dice_draw(seed, 5)]);
	sprintf(
	    path + len, "%s%u", names[dice_draw(seed, 4)], dice_draw(seed, 5));
}

struct order_seen {
	char last[64];
	size_t count;
	bool in_order;
};

static bool
see(void *arg, const struct catalogue_file *file)
{
	struct order_seen *seen = arg;

	if (seen->count++ > 0 &&
	    slice_cmp(slice_str(seen->last), file->path) >= 0)
		seen->in_order = false;
	snprintf(seen->last, sizeof seen->last, "%.*s", (int)file->path.len,
	    file->path.ptr);
	return true;
}

/* Files that are found directory after directory, or in any order. */
static bool
settles(uint64_t *seed, size_t most, bool by_directory)
{
	struct order_seen seen = {.in_order = true};
	struct catalogue *c = catalogue_new();
	size_t count;
	bool right;

	for (size_t i = 0; i < most; i++) {
		char path[64];
		struct catalogue_file file;

		draw_path(path, seed);
		file = (struct catalogue_file){
		    .path = slice_str(path), .size = i};
		for (int n = 0; n < (by_directory ? 5 : 1); n++) {
			path[strlen(path) - 1] = (char)('0' +
			    dice_draw(seed, 10));
			catalogue_fill(c, &file);
		}
	}
	right = catalogue_settle(c) == 0;
	count = catalogue_count(c);
	catalogue_walk(c, SLICE(""), see, &seen);
	right = right && seen.in_order && seen.count == count;
	catalogue_free(c);
	return right;
}

static void
test_settling(void)
{
	uint64_t seed = 3;
	bool right = true;

	for (size_t most = 0; most < 200; most++)
		right = right && settles(&seed, most, most % 2);
	tap_ok(right && settles(&seed, 20000, true) &&
		settles(&seed, 20000, false),
	    "whatever is found in whatever order, it is in order then");
}

int
main(void)
{
	test_settling();
	return tap_done();
}
