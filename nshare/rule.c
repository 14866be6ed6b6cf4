#include "rule.h"

#include <fnmatch.h>

#include "lib/path.h"

static bool
ends_in(struct slice s, struct slice suffix)
{
	return s.len >= suffix.len &&
	    slice_eq(slice_skip(s, s.len - suffix.len), suffix);
}

/* Written by nget, and not whole yet. */
static bool
is_unfinished(struct slice base)
{
	return ends_in(base, SLICE(".part")) ||
	    ends_in(base, SLICE(".part.from")) ||
	    ends_in(base, SLICE(".part.from~"));
}

/* A glob names a component anywhere, or a whole path. */
static bool
is_excluded(const struct rule *rule, struct slice path, struct slice base)
{
	for (size_t i = 0; i < rule->exclude_count; i++)
		if (!fnmatch(rule->excludes[i], base.ptr, 0) ||
		    !fnmatch(rule->excludes[i], path.ptr, FNM_PATHNAME))
			return true;
	return false;
}

bool
rule_enters(const struct rule *rule, struct slice path)
{
	struct slice base = path_base(path);

	if (path.len > PATH_MAX_BYTES || !path_valid(base))
		return false;
	if (base.ptr[0] == '.' && !rule->hidden)
		return false;
	return !is_excluded(rule, path, base);
}

bool
rule_shares(const struct rule *rule, struct slice path)
{
	return !is_unfinished(path_base(path)) && rule_enters(rule, path);
}

bool
rule_reaches(const struct rule *rule, struct slice path)
{
	char copy[PATH_MAX_BYTES + 1];

	if (!path_valid(path))
		return false;
	memcpy(copy, path.ptr, path.len);
	copy[path.len] = '\0';
	for (size_t i = 0; i < path.len; i++) {
		if (path.ptr[i] != '/')
			continue;
		copy[i] = '\0';
		if (!rule_enters(rule, slice_of(copy, i)))
			return false;
		copy[i] = '/';
	}
	return rule_shares(rule, slice_of(copy, path.len));
}
