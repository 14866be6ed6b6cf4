#include "proto.h"

#include <errno.h>
#include <string.h>

#include "num.h"

static const struct {
	struct slice name;
	enum proto_verb verb;
} verbs[] = {
    {SLICE("ADD"), PROTO_ADD},
    {SLICE("DEL"), PROTO_DEL},
    {SLICE("DONE"), PROTO_DONE},
    {SLICE("FILE"), PROTO_FILE},
    {SLICE("FIND"), PROTO_FIND},
    {SLICE("HASH"), PROTO_HASH},
    {SLICE("HELLO"), PROTO_HELLO},
    {SLICE("LOAD"), PROTO_LOAD},
    {SLICE("PING"), PROTO_PING},
    {SLICE("PONG"), PROTO_PONG},
    {SLICE("SEARCH"), PROTO_SEARCH},
    {SLICE("STAT"), PROTO_STAT},
    {SLICE("SYNC"), PROTO_SYNC},
};

#define VERBS (sizeof verbs / sizeof *verbs)

static int
bad(void)
{
	errno = EINVAL;
	return -1;
}

enum proto_verb
proto_verb(struct slice line, struct slice *rest)
{
	struct slice name;

	slice_cut(line, ' ', &name, rest);
	for (size_t i = 0; i < VERBS; i++)
		if (slice_eq(name, verbs[i].name))
			return verbs[i].verb;
	return PROTO_UNKNOWN;
}

static struct slice
verb_name(enum proto_verb verb)
{
	for (size_t i = 0; i < VERBS; i++)
		if (verbs[i].verb == verb)
			return verbs[i].name;
	return SLICE("");
}

/* A writer's guard: out as it was before a line that did not fit. */
static int
whole_line(struct buf *out, size_t before, int outcome)
{
	if (outcome == 0)
		outcome = buf_add(out, "\n", 1);
	if (outcome < 0) {
		int error = errno;

		buf_truncate(out, before);
		errno = error;
	}
	return outcome;
}

static int
put_words(struct buf *out, struct slice verb, struct slice rest)
{
	if (buf_add_slice(out, verb) < 0)
		return -1;
	if (rest.len == 0)
		return 0;
	if (buf_add(out, " ", 1) < 0)
		return -1;
	return buf_add_slice(out, rest);
}

int
proto_put(struct buf *out, enum proto_verb verb, struct slice rest)
{
	size_t before = buf_len(out);

	return whole_line(out, before, put_words(out, verb_name(verb), rest));
}

static bool
is_version(struct slice word)
{
	uint64_t version;

	return slice_starts(word, SLICE("nap/")) &&
	    num_parse(slice_skip(word, 4), 2, 999, &version) == 0;
}

/* If word is "key=value", point value at its value. */
static bool
is_setting(struct slice word, struct slice key, struct slice *value)
{
	struct slice name, what;

	if (!slice_cut(word, '=', &name, &what) || !slice_eq(name, key))
		return false;
	*value = what;
	return true;
}

int
proto_hello_parse(struct slice rest, struct proto_hello *hello)
{
	struct slice port, word;
	uint64_t number;

	*hello = (struct proto_hello){.host = SLICE("")};
	if (!slice_cut(rest, ' ', &port, &rest))
		rest = SLICE("");
	if (slice_token(&rest, " ", &word)) {
		if (!is_version(word))
			return bad();
		hello->v2 = true;
		while (slice_token(&rest, " ", &word))
			is_setting(word, SLICE("host"), &hello->host);
	}
	if (num_parse(port, 0, UINT16_MAX, &number) < 0)
		return -1;
	hello->port = (uint16_t)number;
	return 0;
}

int
proto_hello_put(struct buf *out, const struct proto_hello *hello)
{
	size_t before = buf_len(out);
	bool host = hello->host.len > 0;

	return whole_line(out, before,
	    buf_printf(out, "HELLO %u%s%s%.*s", hello->port,
		hello->v2 ? " nap/2" : "", host ? " host=" : "",
		host ? (int)hello->host.len : 0, host ? hello->host.ptr : ""));
}

/* A number, or "-" for unknown. */
static int
parse_known(struct slice text, uint64_t max, uint64_t unknown, uint64_t *value)
{
	if (slice_eq(text, SLICE("-"))) {
		*value = unknown;
		return 0;
	}
	return num_parse(text, 0, max, value);
}

static int
parse_facts(struct slice size, struct slice mtime, struct slice digest,
    struct proto_row *row)
{
	uint64_t seconds;

	if (parse_known(size, UINT64_MAX - 1, PROTO_NO_SIZE, &row->size) < 0 ||
	    parse_known(mtime, INT64_MAX, (uint64_t)PROTO_NO_TIME, &seconds) <
		0)
		return bad();
	row->mtime = (int64_t)seconds;
	row->digest.known = false;
	if (slice_eq(digest, SLICE("-")))
		return 0;
	return digest_parse(digest, &row->digest);
}

static int
put_facts(struct buf *out, const struct proto_row *row, char separator)
{
	int outcome = row->size == PROTO_NO_SIZE ? buf_add(out, "-", 1)
						 : buf_add_num(out, row->size);

	if (outcome < 0 || buf_add(out, &separator, 1) < 0)
		return -1;
	outcome = row->mtime < 0
	    ? buf_add(out, "-", 1)
	    : buf_add_num(out, (unsigned long long)row->mtime);
	if (outcome < 0 || buf_add(out, &separator, 1) < 0)
		return -1;
	return digest_add(out, &row->digest);
}

int
proto_add_parse(struct slice rest, struct proto_add *add)
{
	struct slice size, mtime, digest;
	struct proto_row facts;

	if (!slice_cut(rest, ' ', &size, &rest) ||
	    !slice_cut(rest, ' ', &mtime, &rest) ||
	    !slice_cut(rest, ' ', &digest, &add->path) ||
	    parse_facts(size, mtime, digest, &facts) < 0 ||
	    facts.size == PROTO_NO_SIZE || facts.mtime == PROTO_NO_TIME)
		return bad();
	add->size = facts.size;
	add->mtime = facts.mtime;
	add->digest = facts.digest;
	return 0;
}

static int
put_add(struct buf *out, const struct proto_add *add)
{
	struct proto_row facts = {
	    .size = add->size, .mtime = add->mtime, .digest = add->digest};

	if (buf_add_str(out, "ADD ") < 0 || put_facts(out, &facts, ' ') < 0 ||
	    buf_add(out, " ", 1) < 0)
		return -1;
	return buf_add_slice(out, add->path);
}

int
proto_add_put(struct buf *out, const struct proto_add *add)
{
	size_t before = buf_len(out);

	return whole_line(out, before, put_add(out, add));
}

/* Two numbers and nothing else. */
static int
parse_pair(struct slice text, uint64_t max, uint64_t *a, uint64_t *b)
{
	struct slice first, second;

	if (!slice_cut(text, ' ', &first, &second) ||
	    num_parse(first, 0, max, a) < 0 || num_parse(second, 0, max, b) < 0)
		return bad();
	return 0;
}

int
proto_load_parse(struct slice rest, struct proto_load *load)
{
	uint64_t busy, slots;

	if (parse_pair(rest, UINT32_MAX, &busy, &slots) < 0)
		return -1;
	load->busy = (uint32_t)busy;
	load->slots = (uint32_t)slots;
	return 0;
}

int
proto_load_put(struct buf *out, const struct proto_load *load)
{
	size_t before = buf_len(out);

	return whole_line(out, before,
	    buf_printf(out, "LOAD %lu %lu", (unsigned long)load->busy,
		(unsigned long)load->slots));
}

/* One setting of FIND. 0, or -1 when it is none. */
static int
find_setting(struct slice word, struct proto_find *find)
{
	struct slice value;
	uint64_t limit;

	if (is_setting(word, SLICE("limit"), &value)) {
		if (num_parse(value, 0, UINT64_MAX, &limit) < 0)
			return -1;
		find->limit = limit < PROTO_FIND_ROWS ? limit : PROTO_FIND_ROWS;
		return 0;
	}
	if (is_setting(word, SLICE("over"), &value))
		return num_parse(value, 0, UINT64_MAX, &find->over);
	if (is_setting(word, SLICE("under"), &value))
		return num_parse(value, 0, UINT64_MAX, &find->under);
	if (is_setting(word, SLICE("ext"), &find->ext))
		return 0;
	if (is_setting(word, SLICE("not"), &value) &&
	    find->not_count < PROTO_FIND_NOTS) {
		find->not_words[find->not_count++] = value;
		return 0;
	}
	return -1;
}

int
proto_find_parse(struct slice rest, struct proto_find *find)
{
	struct slice word;

	find->limit = PROTO_FIND_ROWS;
	find->over = 0;
	find->under = UINT64_MAX;
	find->ext = SLICE("");
	find->not_count = 0;
	for (;;) {
		slice_cut(rest, ' ', &word, &rest);
		if (slice_eq(word, SLICE("--")))
			break;
		if (find_setting(word, find) < 0)
			return bad();
	}
	find->words = rest;
	return 0;
}

static int
put_find(struct buf *out, const struct proto_find *find)
{
	if (buf_printf(out, "FIND limit=%zu", find->limit) < 0)
		return -1;
	if (find->over > 0 &&
	    (buf_add_str(out, " over=") < 0 ||
		buf_add_num(out, find->over) < 0))
		return -1;
	if (find->under < UINT64_MAX &&
	    (buf_add_str(out, " under=") < 0 ||
		buf_add_num(out, find->under) < 0))
		return -1;
	if (find->ext.len > 0 &&
	    (buf_add_str(out, " ext=") < 0 ||
		buf_add_slice(out, find->ext) < 0))
		return -1;
	for (size_t i = 0; i < find->not_count; i++)
		if (buf_add_str(out, " not=") < 0 ||
		    buf_add_slice(out, find->not_words[i]) < 0)
			return -1;
	if (buf_add_str(out, " -- ") < 0)
		return -1;
	return buf_add_slice(out, find->words);
}

int
proto_find_put(struct buf *out, const struct proto_find *find)
{
	size_t before = buf_len(out);

	return whole_line(out, before, put_find(out, find));
}

int
proto_row_parse(struct slice line, struct proto_row *row)
{
	struct slice size, mtime, digest, rank;
	uint64_t number;

	if (!slice_cut(line, '\t', &row->locator, &line) ||
	    !slice_cut(line, '\t', &size, &line) ||
	    !slice_cut(line, '\t', &mtime, &line) ||
	    !slice_cut(line, '\t', &digest, &rank) || row->locator.len == 0 ||
	    parse_facts(size, mtime, digest, row) < 0 ||
	    parse_known(rank, 99, 0, &number) < 0)
		return bad();
	row->rank = (unsigned)number;
	return 0;
}

static int
put_row(struct buf *out, const struct proto_row *row)
{
	if (buf_add_slice(out, row->locator) < 0 || buf_add(out, "\t", 1) < 0 ||
	    put_facts(out, row, '\t') < 0 || buf_add(out, "\t", 1) < 0)
		return -1;
	if (row->rank == 0)
		return buf_add(out, "-", 1);
	return buf_add_num(out, row->rank);
}

int
proto_row_put(struct buf *out, const struct proto_row *row)
{
	size_t before = buf_len(out);

	return whole_line(out, before, put_row(out, row));
}

int
proto_end_parse(struct slice line, struct proto_end *end)
{
	struct slice word, rows, matches;

	*end = (struct proto_end){.counted = false};
	if (!slice_cut(line, ' ', &word, &line))
		return slice_eq(word, SLICE("END")) ? 0 : bad();
	if (!slice_eq(word, SLICE("END")) ||
	    !slice_cut(line, ' ', &rows, &matches))
		return bad();
	end->counted = true;
	if (matches.len > 0 && matches.ptr[matches.len - 1] == '+') {
		end->more = true;
		matches.len--;
	}
	if (num_parse(rows, 0, UINT64_MAX, &end->rows) < 0 ||
	    num_parse(matches, 0, UINT64_MAX, &end->matches) < 0)
		return bad();
	return 0;
}

int
proto_end_put(struct buf *out, const struct proto_end *end)
{
	if (!end->counted)
		return buf_add_str(out, "END\n");
	return buf_printf(out, "END %llu %llu%s\n",
	    (unsigned long long)end->rows, (unsigned long long)end->matches,
	    end->more ? "+" : "");
}

static bool
begins(struct slice line, struct slice word, struct slice *text)
{
	struct slice head;

	slice_cut(line, ' ', &head, text);
	return slice_eq(head, word);
}

bool
proto_is_ok(struct slice line, struct slice *text)
{
	return begins(line, SLICE("OK"), text);
}

bool
proto_is_err(struct slice line, struct slice *text)
{
	return begins(line, SLICE("ERR"), text);
}

int
proto_synced_parse(struct slice line, struct proto_synced *synced)
{
	struct slice text;

	if (!proto_is_ok(line, &text))
		return bad();
	return parse_pair(text, UINT64_MAX, &synced->files, &synced->refused);
}

int
proto_synced_put(struct buf *out, const struct proto_synced *synced)
{
	return buf_printf(out, "OK %llu %llu\n",
	    (unsigned long long)synced->files,
	    (unsigned long long)synced->refused);
}

int
proto_err_put(struct buf *out, const char *code, const char *text)
{
	return buf_printf(out, "ERR %s %s\n", code, text);
}
