#include "nfind/row.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/proto.h"
#include "tests/tap.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void
test_whole(void)
{
	struct row *row = row_parse(
	    SLICE("[2001:db8::7]:9000/a%20b/c%C3%A9\t12\t34\t" HEX "\t2"));

	if (!tap_ok(row, "a row of all fields is taken"))
		return;
	tap_is_slice(row->at, SLICE("[2001:db8::7]:9000"), "at is host:port");
	tap_is_slice(
	    row->host, SLICE("2001:db8::7"), "host is without brackets");
	tap_is_slice(row->path, SLICE("a b/c\xc3\xa9"), "the path is decoded");
	tap_ok(row->port == 9000 && row->size == 12 && row->mtime == 34 &&
		row->rank == 2 && row->digest.known,
	    "the numbers and the digest are there");
	free(row);
}

static void
test_unknown(void)
{
	struct row *row = row_parse(SLICE("192.0.2.7:9000/x\t-\t-\t-\t-"));

	tap_ok(row && row->size == PROTO_NO_SIZE &&
		row->mtime == PROTO_NO_TIME && !row->digest.known &&
		row->rank == 0,
	    "fields may be unknown");
	free(row);
}

static void
test_refused(void)
{
	static const char *const bad[] = {
	    "",
	    "192.0.2.7:9000/x",
	    "192.0.2.7:9000/x\t1\t1\t-",
	    "192.0.2.7:9000/x\t1\t1\t-\t1\t1",
	    "192.0.2.7:9000/x\t-1\t1\t-\t1",
	    "192.0.2.7:9000/x\t1\t1\tabc\t1",
	    "192.0.2.7:9000/x\t1\t1\t-\tx",
	    "192.0.2.7:0/x\t1\t1\t-\t1",
	    "192.0.2.7:65536/x\t1\t1\t-\t1",
	    "192.0.2.7:9000\t1\t1\t-\t1",
	    "192.0.2.7:9000/\t1\t1\t-\t1",
	    "192.0.2.7:9000//etc/passwd\t1\t1\t-\t1",
	    "192.0.2.7:9000/../x\t1\t1\t-\t1",
	    "192.0.2.7:9000/a/%2E%2E/x\t1\t1\t-\t1",
	    "192.0.2.7:9000/%1B[31m\t1\t1\t-\t1",
	    "192.0.2.7:9000/a%0Ab\t1\t1\t-\t1",
	    "192.0.2.7:9000/a%00b\t1\t1\t-\t1",
	    "192.0.2.7:9000/\x1b[31m\t1\t1\t-\t1",
	    "192.0.2.7:9000/a b\t1\t1\t-\t1",
	    "192.0.2.7:9000/a%2\t1\t1\t-\t1",
	    "192.0.2.7:9000/a#sha256=1\t1\t1\t-\t1",
	    "192.0.2.7:9000/a#sha256=" HEX "\t1\t1\t-\t1",
	    "$(reboot):9000/a\t1\t1\t-\t1",
	    "*:9000/a\t1\t1\t-\t1",
	    "ftp://192.0.2.7/a\t1\t1\t-\t1",
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct row *row;

		errno = 0;
		row = row_parse(slice_str(bad[i]));
		tap_ok(!row && errno == EINVAL, "refused row %zu", i);
		free(row);
	}
}

static void
expect_peer(const char *line, const struct addr *index, const char *at,
    const char *sentence)
{
	struct row *row = row_parse_peer(
	    slice_str(line), SLICE("some file"), index);

	tap_is_slice(row ? row->at : SLICE("refused"), slice_str(at), sentence);
	if (row && !slice_eq(row->path, SLICE("some file")))
		tap_ok(false, "the path is the one asked for");
	free(row);
}

static void
test_peers(void)
{
	struct addr index, v6;

	addr_parse_ip(SLICE("192.0.2.1"), &index);
	addr_parse_ip(SLICE("2001:db8::1"), &v6);
	expect_peer(
	    "192.0.2.7:9000", NULL, "192.0.2.7:9000", "ip:port is a peer");
	expect_peer("::ffff:192.0.2.7:9000", NULL, "192.0.2.7:9000",
	    "an IPv4-mapped address is IPv4");
	expect_peer("2001:db8::7:9000", NULL, "[2001:db8::7]:9000",
	    "the last colon is the one before the port");
	expect_peer("127.0.0.1:9000", &index, "192.0.2.1:9000",
	    "a loopback address is the index's host");
	expect_peer("::ffff:127.0.0.1:9000", &v6, "[2001:db8::1]:9000",
	    "also a mapped one, and an index on IPv6");
	expect_peer(
	    "::1:9000", &index, "192.0.2.1:9000", "also the one of IPv6");
	expect_peer(
	    "127.0.0.1:9000", NULL, "127.0.0.1:9000", "over loopback it stays");
	expect_peer(
	    "192.0.2.7:0", NULL, "refused", "port 0 cannot be connected to");
	expect_peer("192.0.2.7:65536", NULL, "refused", "nor 65536");
	expect_peer("192.0.2.7", NULL, "refused", "no port is no peer");
	expect_peer("example.org:80", NULL, "refused", "a name is no address");
	expect_peer("", NULL, "refused", "nothing is no peer");
	expect_peer("fe80::1:9000", NULL, "refused",
	    "a link-local address means nothing here");
}

static void
test_rows(void)
{
	struct rows rows = {0};

	for (int i = 0; i < 1000; i++)
		rows_add(&rows, row_parse(SLICE("192.0.2.7:9/x\t-\t-\t-\t1")));
	tap_is_num((long long)rows.count, 1000, "a list grows");
	rows.list[0]->rank = 7;
	rows_reverse(&rows);
	tap_ok(rows.list[999]->rank == 7 && rows.list[0]->rank == 1,
	    "and is turned round");
	rows_cut(&rows, 3);
	tap_is_num((long long)rows.count, 3, "and cut");
	rows_cut(&rows, 5);
	tap_is_num((long long)rows.count, 3, "never to more than it has");
	rows_reverse(&rows);
	rows_free(&rows);
	rows_reverse(&rows);
	tap_is_num((long long)rows.count, 0, "a freed list is empty");
}

int
main(void)
{
	test_whole();
	test_unknown();
	test_refused();
	test_peers();
	test_rows();
	return tap_done();
}
