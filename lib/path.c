#include "path.h"

#define EXTENSION_MAX_BYTES 16

/* Looks at every byte, which compilers turn into a few wide steps. */
static bool
has_control(struct slice s)
{
	bool found = false;

	for (size_t i = 0; i < s.len; i++)
		found |= (unsigned char)s.ptr[i] < 0x20 || s.ptr[i] == 0x7f;
	return found;
}

static bool
is_component(struct slice s)
{
	return s.len && !slice_eq(s, SLICE(".")) && !slice_eq(s, SLICE(".."));
}

bool
path_valid(struct slice s)
{
	struct slice component, rest = s;
	bool more;

	if (s.len > PATH_MAX_BYTES || has_control(s))
		return false;
	do {
		more = slice_cut(rest, '/', &component, &rest);
		if (!is_component(component))
			return false;
	} while (more);
	return true;
}

struct slice
path_base(struct slice path)
{
	return slice_skip(path, (size_t)(slice_rfind(path, '/') + 1));
}

struct slice
path_above(struct slice path)
{
	ptrdiff_t slash = slice_rfind(path, '/');

	return slice_of(path.ptr, slash < 0 ? 0 : (size_t)slash);
}

struct slice
path_extension(struct slice path)
{
	struct slice base = path_base(path), extension;
	ptrdiff_t dot = slice_rfind(base, '.');

	if (dot <= 0)
		return slice_skip(base, base.len);
	extension = slice_skip(base, (size_t)dot + 1);
	if (extension.len > EXTENSION_MAX_BYTES)
		return slice_skip(base, base.len);
	return extension;
}

bool
path_has_hidden(struct slice path)
{
	struct slice component;
	bool more;

	do {
		more = slice_cut(path, '/', &component, &path);
		if (component.len && component.ptr[0] == '.')
			return true;
	} while (more);
	return false;
}
