#include "nfind/answer.h"

#include "nfind/request.h"
#include "tests/tap.h"

static struct answer
begin(const struct request *request)
{
	struct locator_host index = {"index.example", 8080};
	struct answer a;

	answer_init(&a, &index, request);
	return a;
}

/* All of lines, each ended by LF. */
static void
take(struct answer *a, const char *lines)
{
	struct slice line, rest = slice_str(lines);

	while (slice_token(&rest, "\n", &line))
		answer_take(a, line);
}

static struct request
find_request(size_t rows)
{
	return (struct request){.verb = PROTO_FIND,
	    .name = SLICE("x"),
	    .exact = SLICE(""),
	    .max_rows = rows};
}

static void
test_rows(void)
{
	struct request request = find_request(1000);
	struct answer a = begin(&request);

	tap_is_str(a.name, "index.example:8080", "it names its index");
	take(&a, "192.0.2.7:9/x\t1\t2\t-\t1\n");
	tap_ok(!a.over, "an answer without END is not over");
	take(&a, "192.0.2.7:9/y\t1\t2\t-\t2\nEND 2 2\n");
	tap_ok(a.over && !a.failed && a.rows.count == 2 && a.matches == 2 &&
		!answer_is_cut(&a),
	    "END with its counts makes it complete");
	take(&a, "192.0.2.7:9/z\t1\t2\t-\t2\n");
	tap_is_num((long long)a.rows.count, 2, "what follows is no part of it");
	answer_free(&a);
}

static void
test_cut(void)
{
	struct request request = find_request(1);
	struct answer a = begin(&request);

	take(&a, "192.0.2.7:9/x\t1\t2\t-\t1\nEND 1 55\n");
	tap_ok(answer_is_cut(&a) && a.matches == 55 && !a.more,
	    "more matches than rows: it is cut");
	answer_free(&a);
	a = begin(&request);
	take(&a, "192.0.2.7:9/x\t1\t2\t-\t1\nEND 1 1+\n");
	tap_ok(answer_is_cut(&a) && a.more, "a lower bound says so too");
	answer_free(&a);
}

static void
test_bad_rows(void)
{
	struct request request = find_request(1000);
	struct answer a = begin(&request);

	take(&a,
	    "192.0.2.7:9/%1B\t1\t2\t-\t1\nfoo\n192.0.2.7:9/x\t-\t-\t-\t1\n"
	    "END 3 3\n");
	tap_ok(a.over && !a.failed && a.rows.count == 1 && a.bad == 2,
	    "rows that make no sense are counted and left out");
	answer_free(&a);
}

static void
expect_failure(const char *lines, const char *why)
{
	struct request request = find_request(2);
	struct answer a = begin(&request);

	take(&a, lines);
	tap_ok(a.over && a.failed, "it fails");
	tap_is_str(a.why, why, "and says why");
	answer_free(&a);
}

static void
test_failures(void)
{
	expect_failure(
	    "ERR busy come back later\n", "it refuses: busy come back later");
	expect_failure("192.0.2.7:9/a\t-\t-\t-\t1\n192.0.2.7:9/b\t-\t-\t-\t1\n"
		       "192.0.2.7:9/c\t-\t-\t-\t1\n",
	    "it sends more than it was asked for");
	expect_failure(
	    "bad\nbad\nbad\n", "it sends more than it was asked for");
	expect_failure("192.0.2.7:9/a\t-\t-\t-\t1\nEND 2 2\n",
	    "it sent 1 rows and counted 2");
}

static void
test_failed_keeps(void)
{
	struct request request = find_request(2);
	struct answer a = begin(&request);

	take(&a, "192.0.2.7:9/a\t-\t-\t-\t1\n");
	answer_fail(&a, "no answer in %d s", 5);
	answer_fail(&a, "another reason");
	tap_is_str(a.why, "no answer in 5 s", "the first reason counts");
	tap_is_num((long long)a.rows.count, 1, "what came before stays");
	answer_free(&a);
}

static void
test_exact(void)
{
	struct request request = find_request(10000);
	struct answer a;

	request.exact = SLICE("d/x");
	a = begin(&request);
	take(&a,
	    "192.0.2.7:9/x\t-\t-\t-\t1\n192.0.2.7:9/d/x\t-\t-\t-\t1\n"
	    "192.0.2.7:9/d/X\t-\t-\t-\t1\nEND 3 3\n");
	tap_ok(a.rows.count == 1 && a.bad == 0 && a.matches == 1 &&
		!answer_is_cut(&a),
	    "of an exact name only the rows with that path are hits");
	answer_free(&a);
	a = begin(&request);
	take(&a,
	    "192.0.2.7:9/d/x\t-\t-\t-\t1\n192.0.2.7:9/xy\t-\t-\t-\t3\n"
	    "END 2 90000\n");
	tap_ok(!answer_is_cut(&a), "a limit that cut worse hits is no cut");
	answer_free(&a);
	a = begin(&request);
	take(&a, "192.0.2.7:9/d/x\t-\t-\t-\t1\nEND 1 90000\n");
	tap_ok(answer_is_cut(&a), "one that cut the first class is");
	answer_free(&a);
}

static void
test_seed(void)
{
	struct request request = find_request(1);
	struct answer a = begin(&request);
	struct addr index;

	addr_parse_ip(SLICE("192.0.2.1"), &index);
	answer_expect_seed(&a, &index);
	take(&a, "192.0.2.7:9\n127.0.0.1:9000\n::ffff:192.0.2.8:9\nEND\n");
	tap_ok(a.over && !a.failed && a.rows.count == 3 && a.bad == 0 &&
		!answer_is_cut(&a),
	    "a seed server's answer has as many peers as there are");
	tap_is_slice(
	    a.rows.list[0]->at, SLICE("192.0.2.8:9"), "the last is first");
	tap_is_slice(a.rows.list[1]->at, SLICE("192.0.2.1:9000"),
	    "loopback is the server's host");
	tap_is_slice(
	    a.rows.list[2]->at, SLICE("192.0.2.7:9"), "the first is last");
	tap_is_slice(
	    a.rows.list[2]->path, SLICE("x"), "the path is what was asked for");
	answer_free(&a);
}

static void
test_search(void)
{
	struct request request = find_request(10000);
	struct answer a;

	request.verb = PROTO_SEARCH;
	a = begin(&request);
	take(&a, "192.0.2.7:9\n192.0.2.8:9\nEND\n");
	tap_is_slice(a.rows.list[0]->at, SLICE("192.0.2.7:9"),
	    "our own index's answer to SEARCH keeps its order");
	answer_free(&a);
}

static void
test_stat(void)
{
	struct request request = {.verb = PROTO_STAT};
	struct answer a = begin(&request);

	take(&a, "peers 3\nfiles 12\nEND\n");
	tap_is_slice(buf_slice(&a.facts), SLICE("peers 3\nfiles 12\n"),
	    "what STAT tells is kept as it is");
	tap_ok(a.over && !a.failed && a.rows.count == 0, "until END");
	answer_free(&a);
	a = begin(&request);
	for (int i = 0; i < 100000; i++)
		answer_take(&a, SLICE("key value"));
	tap_ok(a.failed && buf_len(&a.facts) <= 65536,
	    "an endless answer to STAT fails");
	answer_free(&a);
}

int
main(void)
{
	test_rows();
	test_cut();
	test_bad_rows();
	test_failures();
	test_failed_keeps();
	test_exact();
	test_seed();
	test_search();
	test_stat();
	return tap_done();
}
