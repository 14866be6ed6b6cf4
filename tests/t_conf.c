#include "lib/conf.h"

#include "tap.h"

static const char *const sections[] = {"cat", "dog", NULL};

/* What a text says, as "section.key=value@line;" for each item, then "!line". */
static const char *
told(struct slice text)
{
	static char out[1024];
	struct conf_item item;
	struct conf conf;
	size_t len = 0;
	int got;

	conf_begin(&conf, text, sections);
	while ((got = conf_next(&conf, &item)) > 0 && len < sizeof out / 2)
		len += (size_t)snprintf(out + len, sizeof out - len,
		    "%.*s.%.*s=%.*s@%zu;", (int)item.section.len,
		    item.section.ptr, (int)item.key.len, item.key.ptr,
		    item.value.len < 99 ? (int)item.value.len : 99,
		    item.value.ptr, item.line);
	out[len] = '\0';
	if (got < 0)
		snprintf(out + len, sizeof out - len, "!%zu", conf.line);
	return out;
}

#define IS(text, want, sentence) tap_is_str(told(SLICE(text)), want, sentence)

static void
lines(void)
{
	IS("", "", "an empty text has no items");
	IS("a = b\n", ".a=b@1;", "a line is a key and a value");
	IS("a=b", ".a=b@1;", "it needs no blanks, and no LF at the end");
	IS("\ta\t = \t b c \n", ".a=b c@1;",
	    "blanks and tabs around both are none of theirs");
	IS("a = \n", ".a=@1;", "a value may be empty");
	IS("a = b = c\n", ".a=b = c@1;", "the first = counts");
	IS("a b = c\n", ".a b=c@1;", "a key may be any text");
	IS("a = \"b\" \\\n", ".a=\"b\" \\@1;",
	    "quotes and backslashes are what they are");
	IS("\n \n\t\na = b\n\n", ".a=b@4;", "blank lines only count");
	IS("# a = b\n  # c\na = b\n", ".a=b@3;", "so do comments");
	IS("a = b # c\n", ".a=b # c@1;", "a # behind something is part of it");
	IS("a = b\r\nc = d\r", ".a=b@1;.c=d@2;",
	    "a CR before the end of a line is dropped");
	IS("a = \303\251\n", ".a=\303\251@1;", "a value may be UTF-8");
	IS("a = b\na = c\n", ".a=b@1;.a=c@2;",
	    "what comes twice is told twice");
}

static void
parts(void)
{
	IS("a=b\n[cat]\na=c\n[dog]\na=d\n", ".a=b@1;cat.a=c@3;dog.a=d@5;",
	    "an item belongs to the section before it, if any");
	IS("[dog]\na=b\n[cat]\n[dog]\nc=d\n", "dog.a=b@2;dog.c=d@5;",
	    "a section may be empty, and come again");
	IS(" [cat]\t\na=b\n", "cat.a=b@2;", "blanks may stand around it");
	IS("a=b\n[cow]\nc=d\n", ".a=b@1;!2", "one that is not known is wrong");
	IS("[]\n", "!1", "so is one without a name");
	IS("[ cat ]\n", "!1", "and one with blanks inside");
	IS("[cat\n", "!1", "and one that does not end");
	IS("[\n", "!1", "however short");
	IS("[cat] # mine\n", "!1", "and one with something behind it");
}

static void
refusals(void)
{
	IS("a\n", "!1", "a line without = is wrong");
	IS("a=b\nc\nd=e\n", ".a=b@1;!2", "and nothing behind it is read");
	IS("= b\n", "!1", "so is one without a key");
	IS("a = \0\n", "!1", "and one with a NUL");
	IS("a = b\033[m\n", "!1", "or another control byte");
	IS("a = b\177\n", "!1", "or DEL");
	IS("a = b\rc\n", "!1", "or a CR in the middle");
	IS("a = b\r\r\n", "!1", "or one CR more");
	IS("# \001\n", "!1", "also in a comment");
	IS("a = \xff\n", "!1", "and one that is not UTF-8");
	IS("\n# \xc3\n", "!2", "also in a comment");
}

static void
bounds(void)
{
	static char text[CONF_BYTES_MAX + 2];
	struct conf_item item;
	struct conf conf;

	memset(text, 'x', sizeof text);
	text[1] = '=';
	text[CONF_LINE_MAX] = '\n';
	text[CONF_LINE_MAX + 1] = '#';
	tap_ok(told(slice_of(text, CONF_LINE_MAX + 2))[0] == '.',
	    "a line of 4096 bytes is read");
	text[CONF_LINE_MAX] = '\r';
	text[CONF_LINE_MAX + 1] = '\n';
	tap_ok(told(slice_of(text, CONF_LINE_MAX + 2))[0] == '.',
	    "its end does not count");
	text[CONF_LINE_MAX] = 'x';
	tap_is_str(told(slice_of(text, CONF_LINE_MAX + 2)), "!1",
	    "a longer one is wrong");
	memset(text, '\n', sizeof text);
	tap_is_str(told(slice_of(text, CONF_BYTES_MAX)), "",
	    "a text of 64 KiB is read");
	tap_is_str(told(slice_of(text, CONF_BYTES_MAX + 1)), "!0",
	    "a longer one is wrong as a whole");
	conf_begin(&conf, SLICE("a\nb=c\n"), sections);
	tap_ok(conf_next(&conf, &item) < 0 && conf_next(&conf, &item) < 0 &&
		conf.line == 1 && conf.why,
	    "what is wrong stays wrong, and there is a reason");
}

int
main(void)
{
	lines();
	parts();
	refusals();
	bounds();
	return tap_done();
}
