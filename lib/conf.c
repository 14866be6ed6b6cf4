#include "conf.h"

#include "rune.h"

void
conf_begin(struct conf *c, struct slice text, const char *const *sections)
{
	*c = (struct conf){.rest = text, .sections = sections};
	if (text.len > CONF_BYTES_MAX)
		c->why = "it is larger than 64 KiB";
}

static int
refuse(struct conf *c, const char *why)
{
	c->why = why;
	return -1;
}

/* Blanks may be tabs, and what a terminal obeys has no place here. */
static bool
has_control(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char byte = (unsigned char)s.ptr[i];

		if ((byte < 0x20 && byte != '\t') || byte == 0x7f)
			return true;
	}
	return false;
}

/* Take the next line, trimmed, off the front of what is left. 0, or -1. */
static int
take_line(struct conf *c, struct slice *line)
{
	slice_cut(c->rest, '\n', line, &c->rest);
	c->line++;
	if (line->len > 0 && line->ptr[line->len - 1] == '\r')
		line->len--;
	if (line->len > CONF_LINE_MAX)
		return refuse(c, "a line is 4096 bytes long at most");
	if (has_control(*line))
		return refuse(c, "there is a control byte");
	if (!rune_valid(*line))
		return refuse(c, "it is not UTF-8");
	*line = slice_trim(*line);
	return 0;
}

static int
take_section(struct conf *c, struct slice line)
{
	if (line.ptr[line.len - 1] != ']')
		return refuse(c, "a section is [PROGRAM] alone");
	c->section = slice_of(line.ptr + 1, line.len - 2);
	for (const char *const *name = c->sections; *name; name++)
		if (slice_eq(c->section, slice_str(*name)))
			return 0;
	return refuse(c, "there is no such section");
}

static int
take_item(struct conf *c, struct slice line, struct conf_item *item)
{
	struct slice key, value;

	if (!slice_cut(line, '=', &key, &value))
		return refuse(c, "there is no =");
	*item = (struct conf_item){
	    .section = c->section,
	    .key = slice_trim(key),
	    .value = slice_trim(value),
	    .line = c->line,
	};
	return item->key.len > 0 ? 1 : refuse(c, "there is no key before =");
}

int
conf_next(struct conf *c, struct conf_item *item)
{
	struct slice line;

	if (c->why)
		return -1;
	while (c->rest.len > 0) {
		if (take_line(c, &line) < 0)
			return -1;
		if (line.len == 0 || line.ptr[0] == '#')
			continue;
		if (line.ptr[0] != '[')
			return take_item(c, line, item);
		if (take_section(c, line) < 0)
			return -1;
	}
	return 0;
}
