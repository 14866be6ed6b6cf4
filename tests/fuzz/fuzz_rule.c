#include "nshare/rule.h"

#include <fnmatch.h>

#include "lib/path.h"
#include "tests/fuzz/fuzz.h"

/*
 * Lines: h for hidden files to be shared, or not; globs, up to an empty line;
 * the rest is a path.
 */
#define GLOBS_MAX 8

/* A component of a path, and all of it up to there, each with its NUL. */
struct place {
	char *component;
	char *path;
};

static bool
is_excluded(const struct rule *rule, const struct place *at)
{
	for (size_t i = 0; i < rule->exclude_count; i++)
		if (!fnmatch(rule->excludes[i], at->component, 0) ||
		    !fnmatch(rule->excludes[i], at->path, FNM_PATHNAME))
			return true;
	return false;
}

static bool
ends_in(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && !strcmp(text + len - end_len, end);
}

/* What the header says, component by component. */
static bool
is_shared(const struct rule *rule, struct slice path)
{
	struct slice rest = path, component;
	bool more = true, shared = path_valid(path);

	while (more && shared) {
		struct place at;

		more = slice_cut(rest, '/', &component, &rest);
		at.component = fuzz_string(component);
		at.path = fuzz_string(slice_of(path.ptr,
		    (size_t)(component.ptr - path.ptr) + component.len));
		shared = (rule->hidden || at.component[0] != '.') &&
		    !is_excluded(rule, &at);
		if (!more &&
		    (ends_in(at.component, ".part") ||
			ends_in(at.component, ".part.from")))
			shared = false;
		free(at.component);
		free(at.path);
	}
	return shared;
}

/* Globs take away, and only they: each by itself, in any order. */
static void
check_fewer(const struct rule *rule, struct slice path, bool reached)
{
	struct rule fewer = *rule, one = *rule;
	bool all = true;

	one.exclude_count = 1;
	for (size_t i = 0; i < rule->exclude_count; i++) {
		fewer.exclude_count = i;
		FUZZ_ASSERT(!reached || rule_reaches(&fewer, path));
		one.excludes = rule->excludes + i;
		all = all && rule_reaches(&one, path);
	}
	FUZZ_ASSERT(rule->exclude_count == 0 || reached == all);
}

static void
check(const struct rule *rule, struct slice text)
{
	struct rule seeing = *rule;
	struct slice path = fuzz_copy(text);
	bool reached = rule_reaches(rule, path);

	FUZZ_ASSERT(reached == is_shared(rule, path));
	check_fewer(rule, path, reached);
	seeing.hidden = true;
	FUZZ_ASSERT(!reached || rule_reaches(&seeing, path));
	fuzz_free(path);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = fuzz_input(data, size), line = fuzz_line(&in);
	const char *globs[GLOBS_MAX];
	struct rule rule = {
	    .hidden = slice_eq(line, SLICE("h")), .excludes = globs};

	line = fuzz_line(&in);
	while (line.len > 0 && rule.exclude_count < GLOBS_MAX) {
		globs[rule.exclude_count++] = fuzz_string(line);
		line = fuzz_line(&in);
	}
	check(&rule, in);
	for (size_t i = 0; i < rule.exclude_count; i++)
		free((void *)(uintptr_t)globs[i]);
	return 0;
}
