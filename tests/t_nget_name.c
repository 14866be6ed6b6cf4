#include "nget/name.h"
#include "tap.h"

static const struct {
	const char *name;
	bool refused; /* from a peer */
	bool refused_chosen; /* from the user */
} names[] = {
    {"", true, true},
    {".", true, true},
    {"..", true, true},
    {"song.mp3", false, false},
    {" song ", false, false},
    {"-rf", false, false},
    {"...", true, false},
    {".profile", true, false},
    {"a\nb", true, false},
    {"a\033[31m", true, false},
    {"a\x7f", true, false},
    {"\xff\xfe", false, false},
    {"a/b", true, true},
    {"song.part", true, false},
    {"song.part.from", true, false},
    {"song.part.from~", true, false},
    {"song.parted", false, false},
    {"part", false, false},
};

static void
test_refusals(void)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct slice name = slice_str(names[i].name);

		tap_ok((name_refusal(name, false) != NULL) == names[i].refused,
		    "name %zu is %s", i,
		    names[i].refused ? "refused" : "taken");
		tap_ok((name_refusal(name, true) != NULL) ==
			names[i].refused_chosen,
		    "and %s when it is chosen",
		    names[i].refused_chosen ? "refused" : "taken");
	}
	tap_ok(name_refusal(slice_of("a\0b", 3), false) != NULL &&
		name_refusal(slice_of("a\0b", 3), true) != NULL,
	    "a NUL is refused in any case");
}

static void
test_length(void)
{
	char name[NAME_BYTES + 2];

	memset(name, 'n', sizeof name);
	tap_ok(!name_refusal(slice_of(name, NAME_BYTES), false),
	    "255 bytes are a name");
	tap_ok(name_refusal(slice_of(name, NAME_BYTES + 1), false) != NULL,
	    "256 bytes are none");
}

static void
test_stems(void)
{
	char name[NAME_BYTES + 1], stem[NAME_STEM_BYTES + 1];
	char other[NAME_STEM_BYTES + 1];

	name_stem("song.mp3", stem);
	tap_is_str(stem, "song.mp3", "a short name is its own stem");
	memset(name, 'n', sizeof name);
	name[NAME_STEM_BYTES] = '\0';
	name_stem(name, stem);
	tap_is_str(stem, name, "so is the longest that leaves room");
	memset(name, 'n', sizeof name);
	name[NAME_STEM_BYTES + 1] = '\0';
	name_stem(name, stem);
	tap_is_num((long long)strlen(stem), (long long)NAME_STEM_BYTES,
	    "a longer one is cut to fit");
	name[NAME_STEM_BYTES] = 'm';
	name_stem(name, other);
	tap_ok(strcmp(stem, other) != 0,
	    "names that differ behind the cut have stems that differ");
	tap_ok(strlen(stem) + strlen(NAME_FROM_NEW) <= 255,
	    "the longest name beside it fits");
}

static void
test_clipping(void)
{
	char name[NAME_BYTES + 1], stem[NAME_STEM_BYTES + 1];

	for (size_t shift = 0; shift < 4; shift++) {
		size_t len = shift, end;

		memset(name, 'n', shift);
		while (len + 4 <= NAME_BYTES) {
			memcpy(name + len, "\xf0\x9f\x98\x80", 4);
			len += 4;
		}
		name[len] = '\0';
		name_stem(name, stem);
		end = (size_t)(strrchr(stem, '~') - stem);
		tap_is_num((long long)((end - shift) % 4), 0,
		    "a character is not cut in two");
	}
}

int
main(void)
{
	test_refusals();
	test_length();
	test_stems();
	test_clipping();
	return tap_done();
}
