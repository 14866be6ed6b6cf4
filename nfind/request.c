#include "request.h"

#include <errno.h>

#include "lib/line.h"
#include "lib/num.h"
#include "lib/path.h"
#include "lib/utf8.h"

#define EXTENSION_MAX_BYTES 16

static int
refuse(const char **why, const char *text)
{
	*why = text;
	errno = EINVAL;
	return -1;
}

static bool
has_word(struct slice text)
{
	struct slice word;

	return utf8_word(&text, &word);
}

/* A blank or a control byte, which settings of FIND cannot carry. */
static bool
has_blank(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] <= ' ' || text.ptr[i] == 0x7f)
			return true;
	return false;
}

static bool
is_extension(struct slice text)
{
	return text.len > 0 && text.len <= EXTENSION_MAX_BYTES &&
	    !has_blank(text) && slice_find(text, '.') < 0 &&
	    slice_find(text, '/') < 0;
}

static int
check_extensions(const char *list, const char **why)
{
	struct slice one, rest = slice_str(list);
	bool more;

	do {
		more = slice_cut(rest, ',', &one, &rest);
		if (!is_extension(one))
			return refuse(why,
			    "--ext wants extensions such as flac or "
			    "flac,mp3, without dots and blanks");
	} while (more);
	return 0;
}

static bool
has_filters(const struct request_options *o)
{
	return o->ext || o->over > 0 || o->under < UINT64_MAX || o->not_count;
}

static int
check_filters(const struct request_options *o, const char **why)
{
	if (o->ext && check_extensions(o->ext, why) < 0)
		return -1;
	if (o->over > o->under)
		return refuse(why, "--over is more than --under");
	for (size_t i = 0; i < o->not_count; i++)
		if (has_blank(slice_str(o->not_words[i])) ||
		    !has_word(slice_str(o->not_words[i])))
			return refuse(why,
			    "-x wants one word, with a letter or digit in it");
	return 0;
}

static int
put_find(const struct request_options *o, struct slice words, struct request *r,
    const char **why)
{
	struct proto_find find = {
	    .limit = r->max_rows,
	    .over = o->over,
	    .under = o->under,
	    .ext = o->ext ? slice_str(o->ext) : SLICE(""),
	    .not_count = o->not_count,
	    .words = words,
	};

	for (size_t i = 0; i < o->not_count; i++)
		find.not_words[i] = slice_str(o->not_words[i]);
	r->verb = PROTO_FIND;
	if (proto_find_put(&r->line, &find) < 0)
		return refuse(why, "the words are too long for one line");
	return 0;
}

static int
put_verb(enum proto_verb verb, struct slice rest, struct request *r,
    const char **why)
{
	r->verb = verb;
	if (proto_put(&r->line, verb, rest) < 0)
		return refuse(why, "the words are too long for one line");
	return 0;
}

static int
join_words(const struct request_options *o, struct buf *words, const char **why)
{
	for (size_t i = 0; i < o->word_count; i++)
		if ((i > 0 && buf_add_str(words, " ") < 0) ||
		    buf_add_str(words, o->words[i]) < 0)
			return refuse(
			    why, "the words are too long for one line");
	return 0;
}

static int
make_words(const struct request_options *o, struct request *r, const char **why)
{
	struct slice words;

	if (join_words(o, &r->words, why) < 0)
		return -1;
	words = buf_slice(&r->words);
	if (slice_find(words, '\n') >= 0)
		return refuse(why, "a word holds a line end");
	if (!has_word(words))
		return refuse(why, "no letter or digit to search for");
	if (path_valid(words) && !has_filters(o))
		r->name = words;
	r->max_rows = o->limit;
	return put_find(o, words, r, why);
}

/*
 * The files called like NAME are those of the first class, so that a limit
 * leaves them in; without a word in it FIND cannot ask for them.
 */
static int
make_exact(const struct request_options *o, struct request *r, const char **why)
{
	struct slice name = slice_str(o->exact), base = path_base(name);

	if (!path_valid(name))
		return refuse(why,
		    "--exact wants a whole path as peers share it: relative, "
		    "without . and .. and control bytes");
	r->exact = name;
	r->max_rows = PROTO_FIND_ROWS;
	if (!has_filters(o))
		r->name = name;
	if (has_word(base))
		return put_find(o, base, r, why);
	if (has_filters(o))
		return refuse(why,
		    "that name has no letter or digit: nothing can be "
		    "combined with it");
	return put_verb(PROTO_SEARCH, name, r, why);
}

static int
make_hash(const struct request_options *o, struct request *r, const char **why)
{
	struct slice text = slice_str(o->hash), scheme = SLICE("sha256:");
	struct digest digest = {.known = true};
	char hex[DIGEST_HEX + 1];

	if (slice_starts(text, scheme))
		text = slice_skip(text, scheme.len);
	if (num_parse_hex(text, digest.bytes, DIGEST_BYTES, true) < 0)
		return refuse(
		    why, "--hash wants the 64 hexadecimal digits of a SHA-256");
	if (has_filters(o))
		return refuse(why,
		    "--hash cannot be combined with -x, --ext, --over and "
		    "--under");
	num_hex(digest.bytes, DIGEST_BYTES, hex);
	r->max_rows = PROTO_FIND_ROWS;
	return put_verb(PROTO_HASH, slice_str(hex), r, why);
}

static int
make_stat(const struct request_options *o, struct request *r, const char **why)
{
	if (has_filters(o))
		return refuse(why, "--stat cannot be combined with a search");
	return put_verb(PROTO_STAT, SLICE(""), r, why);
}

int
request_make(
    const struct request_options *o, struct request *r, const char **why)
{
	int subjects = (o->word_count > 0) + !!o->exact + !!o->hash +
	    (int)o->stat;

	*r = (struct request){.name = SLICE(""), .exact = SLICE("")};
	buf_init(&r->line, LINE_MAX_BYTES + 1);
	buf_init(&r->words, LINE_MAX_BYTES);
	if (subjects == 0)
		return refuse(why, "no word given");
	if (subjects > 1)
		return refuse(why,
		    "only one of words, --exact, --hash and --stat can be "
		    "asked for");
	if (check_filters(o, why) < 0)
		return -1;
	if (o->exact)
		return make_exact(o, r, why);
	if (o->hash)
		return make_hash(o, r, why);
	return o->stat ? make_stat(o, r, why) : make_words(o, r, why);
}

void
request_free(struct request *r)
{
	buf_free(&r->line);
	buf_free(&r->words);
}
