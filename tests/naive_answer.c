#include "naive_answer.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/addr.h"
#include "lib/proto.h"

struct naive_answer
naive_answer_new(struct slice answers)
{
	struct naive_answer a = {.hits = {.count = 0}};
	size_t lines = 1;

	for (size_t i = 0; i < answers.len; i++)
		lines += answers.ptr[i] == '\n';
	a.hits.list = calloc(lines, sizeof *a.hits.list);
	a.locators = calloc(lines, sizeof *a.locators);
	if (!a.hits.list || !a.locators)
		abort();
	return a;
}

void
naive_answer_free(struct naive_answer *a)
{
	free(a->hits.list);
	free(a->locators);
}

bool
naive_answer_line(struct slice *answers, struct slice *line)
{
	return slice_cut(*answers, '\n', line, answers);
}

static bool
take_row(struct naive_answer *a, struct slice line)
{
	struct store_hit *hit = &a->hits.list[a->hits.count];
	struct locator *l = &a->locators[a->hits.count];
	struct proto_row row;
	const char *why;

	if (proto_row_parse(line, &row) < 0 ||
	    locator_parse(row.locator, l, &why) < 0 ||
	    addr_parse_ip(slice_str(l->host.name), &hit->at) < 0)
		return false;
	hit->at.port = l->host.port;
	hit->path = slice_of(l->path, l->path_len);
	hit->size = row.size;
	hit->mtime = row.mtime;
	hit->digest = row.digest;
	hit->rank = row.rank;
	a->hits.count++;
	return true;
}

bool
naive_answer_rows(struct naive_answer *a, struct slice *answers)
{
	struct proto_end end;
	struct slice line;

	while (naive_answer_line(answers, &line)) {
		if (proto_end_parse(line, &end) == 0) {
			a->hits.matches = end.matches;
			a->hits.more = end.more;
			return end.counted && end.rows == a->hits.count;
		}
		if (!take_row(a, line))
			break;
	}
	printf("# rows and END were to be said\n");
	return false;
}
