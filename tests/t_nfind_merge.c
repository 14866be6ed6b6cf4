#include "nfind/merge.h"

#include <stdlib.h>

#include "lib/buf.h"
#include "lib/locator.h"
#include "lib/proto.h"
#include "nfind/row.h"
#include "tests/tap.h"

#define HEX_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* A list of the rows that lines, each ended by LF, tell of. */
static struct rows
make(const char *lines)
{
	struct slice line, rest = slice_str(lines);
	struct rows rows = {0};

	while (slice_token(&rest, "\n", &line)) {
		struct row *row = row_parse(line);

		if (!row || rows_add(&rows, row) < 0)
			tap_note("bad test row %.*s", (int)line.len, line.ptr);
	}
	return rows;
}

/* The locators of rows, separated by blanks, are want. Frees rows. */
static void
expect(struct rows *rows, const char *want, const char *sentence)
{
	struct buf text;

	buf_init(&text, 1 << 20);
	for (size_t i = 0; i < rows->count; i++) {
		if (i)
			buf_add(&text, " ", 1);
		buf_add_slice(&text, rows->list[i]->at);
		buf_add(&text, "/", 1);
		locator_encode(&text, rows->list[i]->path);
	}
	tap_is_slice(buf_len(&text) ? buf_slice(&text) : SLICE(""),
	    slice_str(want), sentence);
	buf_free(&text);
	rows_free(rows);
}

static void
expect_merged(
    const char *one, const char *two, const char *want, const char *sentence)
{
	struct rows lists[2] = {make(one), make(two)}, merged = {0};

	if (merge(lists, 2, &merged) < 0)
		tap_note("merge failed");
	tap_ok(lists[0].count == 0 && lists[1].count == 0,
	    "the lists are empty afterwards");
	expect(&merged, want, sentence);
	rows_free(&lists[0]);
	rows_free(&lists[1]);
}

static void
test_order(void)
{
	expect_merged(
	    "1.1.1.1:1/longest\t-\t-\t-\t1\n1.1.1.1:1/a\t-\t-\t-\t4\n",
	    "2.2.2.2:2/b\t-\t-\t-\t2\n2.2.2.2:2/c\t-\t-\t-\t5\n",
	    "1.1.1.1:1/longest 2.2.2.2:2/b 1.1.1.1:1/a 2.2.2.2:2/c",
	    "the class comes first");
	expect_merged(
	    "1.1.1.1:1/dir/zz\t-\t-\t-\t3\n1.1.1.1:1/dddd\t-\t-\t-\t3\n",
	    "2.2.2.2:2/a/very/long/way/to/yy\t-\t-\t-\t3\n"
	    "2.2.2.2:2/eee\t-\t-\t-\t3\n",
	    "2.2.2.2:2/a/very/long/way/to/yy 1.1.1.1:1/dir/zz 2.2.2.2:2/eee "
	    "1.1.1.1:1/dddd",
	    "then the shorter basename, then its bytes");
	expect_merged("1.1.1.1:1/b/x\t-\t-\t-\t3\n",
	    "2.2.2.2:2/a/x\t-\t-\t-\t3\n", "2.2.2.2:2/a/x 1.1.1.1:1/b/x",
	    "then the bytes of the path");
	expect_merged("1.1.1.1:1/%FF\t-\t-\t-\t3\n",
	    "2.2.2.2:2/a\t-\t-\t-\t3\n", "2.2.2.2:2/a 1.1.1.1:1/%FF",
	    "bytes are not signed");
	expect_merged("1.1.1.1:1/x\t-\t-\t-\t1\n", "2.2.2.2:2/y\t-\t-\t-\t-\n",
	    "2.2.2.2:2/y 1.1.1.1:1/x", "an unknown class is an exact answer's");
}

static void
test_ties(void)
{
	expect_merged("9.1.1.1:1/x\t-\t-\t-\t1\n1.1.1.1:1/x\t-\t-\t-\t1\n"
		      "5.1.1.1:1/x\t-\t-\t-\t1\n",
	    "8.2.2.2:2/x\t-\t-\t-\t1\n2.2.2.2:2/x\t-\t-\t-\t1\n",
	    "9.1.1.1:1/x 8.2.2.2:2/x 1.1.1.1:1/x 2.2.2.2:2/x 5.1.1.1:1/x",
	    "peers with one path keep the order of each index, in turn");
}

static void
test_single(void)
{
	struct rows list = make("1.1.1.1:1/zzz\t-\t-\t-\t5\n"
				"1.1.1.1:1/a\t-\t-\t-\t1\n"
				"1.1.1.1:1/zzz\t-\t-\t-\t1\n");
	struct rows merged = {0};

	merge(&list, 1, &merged);
	expect(&merged, "1.1.1.1:1/zzz 1.1.1.1:1/a",
	    "one index alone keeps its order, without duplicates");
	rows_free(&list);
	merged = (struct rows){0};
	tap_ok(!merge(&list, 1, &merged) && merged.count == 0,
	    "nothing merges to nothing");
	rows_free(&merged);
}

static struct row *
merged_row(const char *one, const char *two, struct rows *merged)
{
	struct rows lists[2] = {make(one), make(two)};

	*merged = (struct rows){0};
	merge(lists, 2, merged);
	rows_free(&lists[0]);
	rows_free(&lists[1]);
	tap_is_num((long long)merged->count, 1,
	    "the same locator from two indexes is one row");
	return merged->list[0];
}

static void
test_duplicates(void)
{
	struct rows merged;
	struct row *row;

	row = merged_row("1.1.1.1:1/x\t-\t-\t-\t1\n",
	    "1.1.1.1:1/x\t7\t9\t" HEX_A "\t1\n", &merged);
	tap_ok(row->size == 7 && row->mtime == 9 && row->digest.known,
	    "it learns what only the other index knows");
	rows_free(&merged);
	row = merged_row("1.1.1.1:1/x\t6\t-\t-\t1\n",
	    "1.1.1.1:1/x\t7\t9\t" HEX_A "\t1\n", &merged);
	tap_ok(
	    row->size == 6 && row->mtime == PROTO_NO_TIME && !row->digest.known,
	    "it learns nothing of a version with another size");
	rows_free(&merged);
	row = merged_row("1.1.1.1:1/a%20b\t-\t-\t-\t1\n",
	    "http://1.1.1.1:1/%61%20b\t-\t-\t-\t2\n", &merged);
	tap_is_num(row->rank, 1, "however its locator was written");
	rows_free(&merged);
	expect_merged("1.1.1.1:1/x\t-\t-\t-\t1\n", "1.1.1.1:2/x\t-\t-\t-\t1\n",
	    "1.1.1.1:1/x 1.1.1.1:2/x", "another port is another peer");
}

static void
test_peers(void)
{
	struct rows rows = make("2.2.2.2:2/x\t-\t-\t-\t1\n"
				"1.1.1.1:1/y\t-\t-\t-\t1\n"
				"2.2.2.2:2/z\t-\t-\t-\t1\n"
				"1.1.1.1:1/x\t-\t-\t-\t1\n"
				"[::1]:1/x\t-\t-\t-\t1\n");

	merge_peers(&rows);
	expect(&rows, "2.2.2.2:2/x 1.1.1.1:1/y [::1]:1/x",
	    "merge_peers keeps the first row of each peer, in order");
	rows = make("1.1.1.1:1/x\t5\t-\t-\t1\n"
		    "1.1.1.1:1/y\t5\t6\t" HEX_A "\t1\n");
	merge_peers(&rows);
	tap_ok(rows.count == 1 && rows.list[0]->mtime == PROTO_NO_TIME &&
		!rows.list[0]->digest.known,
	    "which learns nothing of other files");
	rows_free(&rows);
	merge_peers(&rows);
	tap_is_num((long long)rows.count, 0, "no rows have no peers");
}

/* Many rows of one locator are no work that grows with their square. */
static void
test_many(void)
{
	struct rows lists[3] = {{0}}, merged = {0};

	for (int i = 0; i < 30000; i++)
		rows_add(&lists[i % 3],
		    row_parse(SLICE("1.1.1.1:1/same\t1\t1\t-\t1")));
	tap_ok(!merge(lists, 3, &merged) && merged.count == 1,
	    "thirty thousand duplicates are one row");
	rows_free(&merged);
	for (int i = 0; i < 3; i++)
		rows_free(&lists[i]);
}

int
main(void)
{
	test_order();
	test_ties();
	test_single();
	test_duplicates();
	test_peers();
	test_many();
	return tap_done();
}
