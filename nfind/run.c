#include "run.h"

#include <stdlib.h>

#include "answer.h"
#include "find.h"
#include "first.h"
#include "lib/log.h"
#include "merge.h"

/* The answers of all indexes, and what they amount to. */
struct run {
	const struct run_options *o;
	struct answer *answers; /* one of each of o->indexes */
	struct rows rows; /* of all of them, best first */
	uint64_t total; /* what there is, printed or not */
	bool more; /* total is a lower bound */
	bool found;
};

size_t
run_limit(const struct run_options *o)
{
	switch (o->style.form) {
	case PRINT_COUNT:
		return o->indexes.count > 1 ? PROTO_FIND_ROWS : 0;
	case PRINT_PEERS:
		return PROTO_FIND_ROWS;
	case PRINT_NOTHING:
		return o->first ? o->limit : 1;
	default:
		return o->limit;
	}
}

/*
 * One index counts its matches itself. What several have in common shows in the
 * rows alone, so that with more matches than rows there is but a lower bound.
 */
static void
count(struct run *r, const struct answer *a)
{
	if (!answer_is_cut(a))
		return;
	r->more |= a->more || r->o->indexes.count > 1 ||
	    r->o->style.form == PRINT_PEERS;
	if (a->matches > r->total && r->o->style.form != PRINT_PEERS)
		r->total = a->matches;
}

static int
gather(struct run *r)
{
	size_t indexes = r->o->indexes.count;
	struct rows *lists = calloc(indexes, sizeof *lists);
	int outcome;

	if (!lists)
		return -1;
	for (size_t i = 0; i < indexes; i++) {
		lists[i] = r->answers[i].rows;
		r->answers[i].rows = (struct rows){0};
	}
	outcome = merge(lists, indexes, &r->rows);
	for (size_t i = 0; i < indexes; i++)
		rows_free(&lists[i]);
	free(lists);
	if (outcome < 0)
		return -1;
	if (r->o->style.form == PRINT_PEERS)
		merge_peers(&r->rows);
	r->total = r->rows.count;
	for (size_t i = 0; i < indexes; i++)
		count(r, &r->answers[i]);
	return 0;
}

static void
tell_cut(const struct run *r)
{
	const char *least = r->more ? "at least " : "";
	const char *hint = r->o->limit < PROTO_FIND_ROWS ? "; -n shows more"
							 : "";

	if (r->total > r->rows.count || r->more)
		log_info("showing %zu of %s%llu %s%s", r->rows.count, least,
		    (unsigned long long)r->total,
		    r->o->style.form == PRINT_PEERS ? "peers" : "matches",
		    hint);
}

static void
show_rows(struct run *r, struct print *p)
{
	rows_cut(&r->rows, r->o->limit);
	r->found = r->rows.count > 0;
	if (r->o->style.form == PRINT_NOTHING)
		return;
	if (r->found)
		tell_cut(r);
	for (size_t i = 0; i < r->rows.count; i++)
		if (!print_row(p, r->rows.list[i]))
			return;
}

static void
show_first(struct run *r, struct print *p)
{
	const struct row *row;
	size_t matches;

	rows_cut(&r->rows, r->o->limit);
	matches = r->rows.count;
	row = first(&r->rows, r->o->timeout_ms);
	r->found = row;
	if (!row && matches > 0)
		log_warnx(
		    "no peer of %zu matches accepts a connection", matches);
	if (row && r->o->style.form != PRINT_NOTHING)
		print_row(p, row);
}

static size_t
failures(const struct run *r)
{
	size_t failed = 0;

	for (size_t i = 0; i < r->o->indexes.count; i++)
		failed += r->answers[i].failed;
	return failed;
}

/* A number, unless nobody could tell one. */
static void
show_count(struct run *r, struct print *p)
{
	r->found = r->total > 0;
	if (!r->found && failures(r) == r->o->indexes.count)
		return;
	if (r->more)
		log_info("there are at least %llu matches",
		    (unsigned long long)r->total);
	print_number(p, r->total);
}

static void
show_stats(struct run *r, struct print *p)
{
	bool several = r->o->indexes.count > 1;

	for (size_t i = 0; i < r->o->indexes.count; i++) {
		const struct answer *a = &r->answers[i];
		struct slice fact, rest = buf_slice(&a->facts);

		r->found |= !a->failed;
		if (r->o->style.form == PRINT_NOTHING)
			continue;
		while (slice_token(&rest, "\n", &fact))
			if (!print_fact(p,
				several ? slice_str(a->name) : SLICE(""), fact))
				return;
	}
}

static int
show(struct run *r)
{
	struct print p;

	print_init(&p, &r->o->style);
	if (r->o->want.stat)
		show_stats(r, &p);
	else if (r->o->style.form == PRINT_COUNT)
		show_count(r, &p);
	else if (r->o->first)
		show_first(r, &p);
	else
		show_rows(r, &p);
	return print_end(&p);
}

static int
status(const struct run *r)
{
	if (r->found)
		return RUN_FOUND;
	return failures(r) > 0 ? RUN_FAILED : RUN_NOTHING;
}

static int
ask_and_show(struct run *r, const struct request *request)
{
	if (find(&r->o->indexes, request, r->o->timeout_ms, r->answers) < 0 ||
	    gather(r) < 0) {
		log_warn("searching");
		return RUN_FAILED;
	}
	if (show(r) < 0) {
		log_warn("standard output");
		return RUN_FAILED;
	}
	return status(r);
}

int
run(const struct run_options *o, const struct request *request)
{
	struct run r = {.o = o};
	int outcome;

	r.answers = calloc(o->indexes.count, sizeof *r.answers);
	if (!r.answers) {
		log_warn("searching");
		return RUN_FAILED;
	}
	outcome = ask_and_show(&r, request);
	for (size_t i = 0; i < o->indexes.count; i++)
		answer_free(&r.answers[i]);
	free(r.answers);
	rows_free(&r.rows);
	return outcome;
}
