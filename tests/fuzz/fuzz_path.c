#include "lib/path.h"

#include "tests/fuzz/fuzz.h"

/* A path, as it is. */

/* What naputils(7), Paths, says, byte by byte. */
static bool
is_path(struct slice s)
{
	size_t dots = 0, others = 0;

	if (s.len > PATH_MAX_BYTES || fuzz_has_control(s))
		return false;
	for (size_t i = 0; i <= s.len; i++) {
		if (i < s.len && s.ptr[i] == '.') {
			dots++;
		} else if (i < s.len && s.ptr[i] != '/') {
			others++;
		} else {
			if (others == 0 && dots < 3)
				return false;
			dots = others = 0;
		}
	}
	return true;
}

static void
check_parts(struct slice path)
{
	struct slice base = path_base(path), ext = path_extension(path);
	struct slice before = slice_of(path.ptr, path.len - base.len);

	FUZZ_ASSERT(fuzz_is_within(base, path) && base.len <= path.len);
	FUZZ_ASSERT(slice_find(base, '/') < 0);
	FUZZ_ASSERT(before.len == 0 || before.ptr[before.len - 1] == '/');
	FUZZ_ASSERT(fuzz_is_within(ext, base) && ext.len <= 16);
	FUZZ_ASSERT(slice_find(ext, '.') < 0);
	if (ext.len > 0)
		FUZZ_ASSERT(ext.ptr + ext.len == path.ptr + path.len &&
		    ext.ptr[-1] == '.' && ext.ptr - base.ptr > 1);
}

static bool
has_hidden(struct slice path)
{
	bool begins = true;

	for (size_t i = 0; i < path.len; i++) {
		if (begins && path.ptr[i] == '.')
			return true;
		begins = path.ptr[i] == '/';
	}
	return false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice path = fuzz_input(data, size);

	FUZZ_ASSERT(path_valid(path) == is_path(path));
	FUZZ_ASSERT(path_has_hidden(path) == has_hidden(path));
	check_parts(path);
	return 0;
}
