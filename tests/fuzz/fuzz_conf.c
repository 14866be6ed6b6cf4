#include "lib/conf.h"

#include "lib/rune.h"
#include "tests/fuzz/fuzz.h"

/* The input is the file. */

static const char *const sections[] = {
    "indexd", "nfind", "nget", "nshare", NULL};

static bool
is_section(struct slice name)
{
	for (const char *const *s = sections; *s; s++)
		if (slice_eq(slice_str(*s), name))
			return true;
	return false;
}

static bool
is_trimmed(struct slice s)
{
	struct slice t = slice_trim(s);

	return t.len == s.len;
}

/* An item is a part of the line that it names, and can be written again. */
static void
check_item(const struct conf_item *item, struct slice line)
{
	FUZZ_ASSERT(item->section.len == 0 || is_section(item->section));
	FUZZ_ASSERT(item->key.len > 0 && is_trimmed(item->key));
	FUZZ_ASSERT(item->key.ptr[0] != '#' && item->key.ptr[0] != '[');
	FUZZ_ASSERT(slice_find(item->key, '=') < 0);
	FUZZ_ASSERT(is_trimmed(item->value));
	FUZZ_ASSERT(fuzz_is_within(item->key, line));
	FUZZ_ASSERT(fuzz_is_within(item->value, line));
	FUZZ_ASSERT(rune_valid(line) && line.len <= CONF_LINE_MAX + 1);
}

/* Take count lines off the front of text; the last of them, without its LF. */
static struct slice
take_lines(struct slice *text, size_t count)
{
	struct slice line = SLICE("");

	for (size_t i = 0; i < count; i++)
		line = fuzz_line(text);
	return line;
}

static void
write_item(struct buf *out, struct slice *section, const struct conf_item *item)
{
	if (!slice_eq(*section, item->section))
		buf_printf(
		    out, "[%.*s]\n", (int)item->section.len, item->section.ptr);
	*section = item->section;
	buf_add_slice(out, item->key);
	buf_add_str(out, " = ");
	buf_add_slice(out, item->value);
	buf_add_str(out, "\n");
}

static bool
is_same(const struct conf_item *a, const struct conf_item *b)
{
	return slice_eq(a->section, b->section) && slice_eq(a->key, b->key) &&
	    slice_eq(a->value, b->value);
}

/* What was written of a text has its items, as far as it could be read. */
static void
check_again(struct slice text, struct slice written)
{
	struct conf_item item, same;
	struct conf conf, again;

	/* Blanks where there were none make it longer. */
	if (written.len > CONF_BYTES_MAX)
		return;
	conf_begin(&conf, text, sections);
	conf_begin(&again, written, sections);
	while (conf_next(&conf, &item) > 0) {
		if (item.key.len + item.value.len + 3 > CONF_LINE_MAX)
			return;
		FUZZ_ASSERT(conf_next(&again, &same) == 1);
		FUZZ_ASSERT(is_same(&item, &same));
	}
	FUZZ_ASSERT(conf_next(&again, &same) == 0);
}

/* How a line that is wrong may be wrong, looked at in another way. */
static bool
is_wrong(struct slice line)
{
	if (line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	if (line.len > CONF_LINE_MAX || !rune_valid(line))
		return true;
	for (size_t i = 0; i < line.len; i++)
		if (line.ptr[i] != '\t' &&
		    fuzz_has_control(slice_of(&line.ptr[i], 1)))
			return true;
	line = slice_trim(line);
	if (line.len == 0 || line.ptr[0] == '#')
		return false;
	if (line.ptr[0] == '[')
		return line.ptr[line.len - 1] != ']' ||
		    !is_section(slice_of(line.ptr + 1, line.len - 2));
	return line.ptr[0] == '=' || slice_find(line, '=') < 0;
}

/* The first line that is wrong; 0 when none is. */
static size_t
first_wrong(struct slice text)
{
	for (size_t i = 1; text.len > 0; i++)
		if (is_wrong(fuzz_line(&text)))
			return i;
	return 0;
}

static void
check(struct slice text)
{
	struct slice section = SLICE(""), rest = text;
	struct conf_item item;
	size_t before = 0;
	struct conf conf;
	struct buf out;
	int got;

	buf_init(&out, 4 * CONF_BYTES_MAX);
	conf_begin(&conf, text, sections);
	while ((got = conf_next(&conf, &item)) > 0) {
		FUZZ_ASSERT(item.line > before);
		check_item(&item, take_lines(&rest, item.line - before));
		before = item.line;
		write_item(&out, &section, &item);
	}
	if (text.len > CONF_BYTES_MAX)
		FUZZ_ASSERT(got < 0 && conf.line == 0 && before == 0);
	else
		FUZZ_ASSERT((got < 0) == (first_wrong(text) > 0));
	if (got < 0)
		FUZZ_ASSERT(conf.why && conf_next(&conf, &item) < 0);
	if (got < 0 && text.len <= CONF_BYTES_MAX)
		FUZZ_ASSERT(conf.line == first_wrong(text));
	check_again(text, buf_slice(&out));
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice copy = fuzz_copy(fuzz_input(data, size));

	check(copy);
	fuzz_free(copy);
	return 0;
}
