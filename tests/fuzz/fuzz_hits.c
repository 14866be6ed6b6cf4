#include "nfind/answer.h"

#include "lib/line.h"
#include "lib/rune.h"
#include "nfind/format.h"
#include "nfind/merge.h"
#include "nfind/print.h"
#include "nfind/request.h"
#include "nfind/row.h"
#include "tests/fuzz/fuzz.h"

/*
 * A letter says what was asked: f for FIND, h for HASH, s for SEARCH of "a/b", x
 * for the same at a seed's server, t for STAT. The rest of its line is nothing;
 * then comes what the index says. What it says is said by two: the lines go to
 * one and the other in turn, and to both in the end.
 */
#define OUT_BYTES 65536
#define MAX_ROWS 40
#define INDEXES 2

static const struct locator_host host = {"192.0.2.1", 8080};

typedef int format_fn(
    struct buf *out, const struct print_style *style, const struct row *row);

/* One form of a row, to be freed. */
static struct slice
form(format_fn *format, const struct print_style *style, const struct row *row)
{
	struct slice text;
	struct buf out;

	buf_init(&out, OUT_BYTES);
	FUZZ_ASSERT(format(&out, style, row) == 0);
	text = fuzz_copy(buf_slice(&out));
	FUZZ_ASSERT(rune_valid(text));
	buf_free(&out);
	return text;
}

/* What is printed as a locator is this one, and leads there. */
static void
check_locator(const struct row *row, enum print_digest digest)
{
	struct print_style style = {.digest = digest};
	struct slice text = form(format_locator, &style, row);
	static struct locator l;
	const char *why;

	FUZZ_ASSERT(locator_parse(text, &l, &why) == 0);
	FUZZ_ASSERT(slice_eq(slice_str(l.host.name), row->host));
	FUZZ_ASSERT(l.host.port == row->port && row->port > 0);
	FUZZ_ASSERT(slice_eq(slice_of(l.path, l.path_len), row->path));
	if (digest == PRINT_DIGEST_ALWAYS && row->digest.known)
		FUZZ_ASSERT(digest_eq(&l.digest, &row->digest));
	else
		FUZZ_ASSERT(!l.digest.known);
	FUZZ_ASSERT(!fuzz_has_control(text));
	fuzz_free(text);
}

/* Five columns, whether people see them or not. */
static void
check_long(const struct row *row, bool terminal)
{
	struct print_style style = {.form = PRINT_LONG, .terminal = terminal};
	struct slice text = form(format_long, &style, row), rest = text, column;

	for (int i = 0; i < 4; i++) {
		FUZZ_ASSERT(slice_cut(rest, '\t', &column, &rest));
		FUZZ_ASSERT(column.len > 0 && !fuzz_has_control(column));
	}
	FUZZ_ASSERT(rest.len > 0 && !fuzz_has_control(rest));
	fuzz_free(text);
}

/* Take a string of JSON (RFC 8259 §7) off the front of text. */
static bool
take_string(struct slice *text)
{
	if (!slice_starts(*text, SLICE("\"")))
		return false;
	*text = slice_skip(*text, 1);
	while (text->len > 0 && text->ptr[0] != '"') {
		bool escape = text->ptr[0] == '\\';

		if (escape && (text->len < 2 || !strchr("\"\\u", text->ptr[1])))
			return false;
		*text = slice_skip(*text, escape ? 2 : 1);
	}
	*text = slice_skip(*text, 1);
	return true;
}

/* A string, a number or null. */
static bool
take_value(struct slice *text)
{
	size_t digits = 0;

	if (slice_starts(*text, SLICE("\"")))
		return take_string(text);
	if (slice_starts(*text, SLICE("null"))) {
		*text = slice_skip(*text, 4);
		return true;
	}
	while (digits < text->len && text->ptr[digits] >= '0' &&
	    text->ptr[digits] <= '9')
		digits++;
	*text = slice_skip(*text, digits);
	return digits > 0;
}

static void
check_json(const struct row *row)
{
	struct print_style style = {.form = PRINT_JSON};
	struct slice text = form(format_json, &style, row), rest = text;
	const char *before = "{";
	size_t members = 0;

	FUZZ_ASSERT(!fuzz_has_control(text));
	while (!slice_eq(rest, SLICE("}"))) {
		FUZZ_ASSERT(slice_starts(rest, slice_str(before)));
		rest = slice_skip(rest, 1);
		FUZZ_ASSERT(take_string(&rest));
		FUZZ_ASSERT(slice_starts(rest, SLICE(":")));
		rest = slice_skip(rest, 1);
		FUZZ_ASSERT(take_value(&rest));
		before = ",";
		members++;
	}
	FUZZ_ASSERT(members == 8);
	fuzz_free(text);
}

static void
check_row(const struct row *row)
{
	struct print_style style = {.form = PRINT_URLS};
	struct slice text = form(format_url, &style, row);

	FUZZ_ASSERT(slice_starts(text, SLICE("http://")));
	fuzz_free(text);
	text = form(format_peer, &style, row);
	FUZZ_ASSERT(slice_eq(text, row->at));
	fuzz_free(text);
	check_locator(row, PRINT_DIGEST_ALWAYS);
	check_locator(row, PRINT_DIGEST_NEVER);
	check_long(row, false);
	check_long(row, true);
	check_json(row);
}

static bool
same_locator(const struct row *a, const struct row *b)
{
	return slice_eq(a->at, b->at) && slice_eq(a->path, b->path);
}

/* All that was said, once, best first. */
static void
check_merged(struct answer *answers)
{
	struct rows lists[INDEXES], merged = {0};
	size_t count = 0;
	bool all = true;

	for (size_t i = 0; i < INDEXES; i++) {
		all = all && answers[i].rows.count > 0;
		lists[i] = answers[i].rows;
		answers[i].rows = (struct rows){0};
		count += lists[i].count;
	}
	FUZZ_ASSERT(merge(lists, INDEXES, &merged) == 0);
	FUZZ_ASSERT(merged.count <= count && (merged.count > 0) == (count > 0));
	for (size_t i = 0; i < merged.count; i++)
		for (size_t j = 0; j < i; j++)
			FUZZ_ASSERT(
			    !same_locator(merged.list[j], merged.list[i]));
	for (size_t i = 1; i < merged.count && all; i++)
		FUZZ_ASSERT(merged.list[i - 1]->rank <= merged.list[i]->rank);
	merge_peers(&merged);
	for (size_t i = 0; i < merged.count; i++)
		for (size_t j = 0; j < i; j++)
			FUZZ_ASSERT(
			    !slice_eq(merged.list[j]->at, merged.list[i]->at));
	rows_free(&merged);
	for (size_t i = 0; i < INDEXES; i++)
		rows_free(&lists[i]);
}

static void
check_answer(const struct answer *a, const struct request *request)
{
	FUZZ_ASSERT(a->rows.count + a->bad <= a->lines);
	FUZZ_ASSERT(a->seed || a->verb == PROTO_SEARCH ||
	    a->lines <= request->max_rows);
	FUZZ_ASSERT(a->failed == (a->why[0] != '\0'));
	FUZZ_ASSERT(!a->failed || a->over);
	for (size_t i = 0; i < a->rows.count; i++)
		check_row(a->rows.list[i]);
}

static struct request
request_of(char letter)
{
	struct request r = {.verb = PROTO_FIND, .max_rows = MAX_ROWS};

	if (letter == 'h')
		r.verb = PROTO_HASH;
	if (letter == 't')
		r.verb = PROTO_STAT;
	if (letter == 's')
		r.verb = PROTO_SEARCH;
	if (letter == 's' || letter == 'x')
		r.name = SLICE("a/b");
	return r;
}

static void
listen_to(struct answer *answers, struct slice in)
{
	struct slice line, copy;
	unsigned turn = 0;
	ssize_t n;

	while ((n = line_last(in, &line)) > 0) {
		bool last = slice_starts(line, SLICE("END"));

		copy = fuzz_copy(line);
		for (unsigned i = 0; i < INDEXES; i++)
			if (last || i == turn % INDEXES)
				answer_take(&answers[i], copy);
		fuzz_free(copy);
		turn++;
		in = slice_skip(in, (size_t)n);
	}
	for (size_t i = 0; i < INDEXES; i++)
		answer_fail(&answers[i], "it left");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = fuzz_input(data, size), first = fuzz_line(&in);
	char letter = first.len > 0 ? first.ptr[0] : 'f';
	struct request request = request_of(letter);
	struct addr instead = {.port = 8080};
	struct answer answers[INDEXES];

	addr_parse_ip(SLICE("192.0.2.1"), &instead);
	for (size_t i = 0; i < INDEXES; i++) {
		answer_init(&answers[i], &host, &request);
		if (letter == 'x')
			answer_expect_seed(&answers[i], i ? &instead : NULL);
	}
	listen_to(answers, in);
	for (size_t i = 0; i < INDEXES; i++)
		check_answer(&answers[i], &request);
	check_merged(answers);
	for (size_t i = 0; i < INDEXES; i++)
		answer_free(&answers[i]);
	return 0;
}
