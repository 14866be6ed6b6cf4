#include "answer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "request.h"

/* What STAT may tell. */
#define FACTS_BYTES 65536

/* The rank of what is called like the words. */
#define RANK_CALLED 1

void
answer_init(struct answer *a, const struct locator_host *index,
    const struct request *request)
{
	struct buf name;

	*a = (struct answer){.request = request, .verb = request->verb};
	buf_init(&a->facts, FACTS_BYTES);
	buf_borrow(&name, a->name, sizeof a->name);
	locator_host_add(&name, index);
}

void
answer_free(struct answer *a)
{
	rows_free(&a->rows);
	buf_free(&a->facts);
}

void
answer_expect_seed(struct answer *a, const struct addr *instead)
{
	a->verb = PROTO_SEARCH;
	a->seed = true;
	a->instead = instead;
}

void
answer_fail(struct answer *a, const char *format, ...)
{
	va_list args;

	if (a->over)
		return;
	va_start(args, format);
	vsnprintf(a->why, sizeof a->why, format, args);
	va_end(args);
	a->over = a->failed = true;
	if (a->seed)
		rows_reverse(&a->rows);
}

/*
 * Those that are called like the words come first: what the limit cut is of no
 * account once others have come.
 */
static void
end_exact(struct answer *a)
{
	a->more = answer_is_cut(a) && a->last_rank <= RANK_CALLED;
	a->matches = a->rows.count;
}

static void
end(struct answer *a, const struct proto_end *counts)
{
	if (counts->counted && counts->rows != a->lines) {
		answer_fail(a, "it sent %zu rows and counted %llu", a->lines,
		    (unsigned long long)counts->rows);
		return;
	}
	a->over = true;
	a->matches = counts->counted ? counts->matches : a->lines;
	a->more = counts->more;
	if (a->seed)
		rows_reverse(&a->rows);
	if (a->request->exact.len)
		end_exact(a);
}

static void
take_fact(struct answer *a, struct slice line)
{
	if (buf_add_slice(&a->facts, line) < 0 ||
	    buf_add_str(&a->facts, "\n") < 0)
		answer_fail(a, "it tells too much");
}

static struct row *
parse(const struct answer *a, struct slice line)
{
	if (a->verb == PROTO_SEARCH)
		return row_parse_peer(line, a->request->name, a->instead);
	return row_parse(line);
}

static bool
is_hit(const struct answer *a, const struct row *row)
{
	struct slice exact = a->request->exact;

	return exact.len == 0 || slice_eq(row->path, exact);
}

static void
take_row(struct answer *a, struct slice line)
{
	size_t most = a->verb == PROTO_SEARCH ? PROTO_FIND_ROWS
					      : a->request->max_rows;
	struct row *row;

	if (a->lines == most) {
		answer_fail(a, "it sends more than it was asked for");
		return;
	}
	a->lines++;
	row = parse(a, line);
	if (!row && errno == EINVAL) {
		a->bad++;
		return;
	}
	if (row)
		a->last_rank = row->rank;
	if (row && !is_hit(a, row))
		free(row);
	else if (!row || rows_add(&a->rows, row) < 0)
		answer_fail(a, "out of memory");
}

void
answer_take(struct answer *a, struct slice line)
{
	struct proto_end counts;
	struct slice text;

	if (a->over)
		return;
	if (proto_end_parse(line, &counts) == 0)
		end(a, &counts);
	else if (proto_is_err(line, &text))
		answer_fail(a, "it refuses: %.*s",
		    text.len < ANSWER_WHY ? (int)text.len : ANSWER_WHY,
		    text.ptr);
	else if (a->verb == PROTO_STAT)
		take_fact(a, line);
	else
		take_row(a, line);
}

bool
answer_is_cut(const struct answer *a)
{
	return a->more || a->matches > a->lines;
}
