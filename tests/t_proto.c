#include <errno.h>
#include <stdint.h>

#include "lib/proto.h"
#include "tap.h"

#define HEX "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static struct buf out;

/* What out holds, emptied by the next call of a writer. */
static const char *
written(void)
{
	static char text[20000];
	struct slice s = buf_slice(&out);

	snprintf(text, sizeof text, "%.*s", (int)s.len, s.len ? s.ptr : "");
	buf_truncate(&out, 0);
	return text;
}

static void
verbs(void)
{
	struct slice rest;

	tap_is_num(proto_verb(SLICE("FILE a  b "), &rest), PROTO_FILE,
	    "a verb is what stands before the first blank");
	tap_is_slice(rest, SLICE("a  b "),
	    "everything after the first blank is kept, blanks included");
	tap_is_num(proto_verb(SLICE("STAT"), &rest), PROTO_STAT,
	    "a verb may stand alone");
	tap_is_num(rest.len, 0, "nothing follows a verb that stands alone");
	tap_is_num(proto_verb(SLICE("stat"), &rest), PROTO_UNKNOWN,
	    "verbs are upper case");
	tap_is_num(proto_verb(SLICE(""), &rest), PROTO_UNKNOWN,
	    "an empty line has no verb");
	tap_is_num(proto_verb(SLICE("GET / HTTP/1.1"), &rest), PROTO_UNKNOWN,
	    "a browser's request has no verb of ours");
	proto_put(&out, PROTO_DEL, SLICE("a b"));
	tap_is_str(written(), "DEL a b\n", "a verb is written with its rest");
	proto_put(&out, PROTO_PING, SLICE(""));
	tap_is_str(written(), "PING\n", "a verb is written without a rest");
}

static void
hello(void)
{
	static const char *const refused[] = {"", "x", "-1", "+1", " 80",
	    "0x50", "80 nap", "80 nap/1", "80 nap/x", "80 x nap/2",
	    "65536 nap/2"};
	struct proto_hello h;

	tap_ok(proto_hello_parse(SLICE("9000"), &h) == 0 && h.port == 9000 &&
		!h.v2,
	    "a seed's HELLO is a port alone");
	tap_ok(proto_hello_parse(SLICE("0 nap/2"), &h) == 0 && h.port == 0 &&
		h.v2 && h.host.len == 0,
	    "version 2 is asked for after the port");
	tap_ok(proto_hello_parse(SLICE("1 nap/2 x=y host=::1 z"), &h) == 0,
	    "keys of later versions are passed over");
	tap_is_slice(h.host, SLICE("::1"), "host= names another host");
	tap_ok(proto_hello_parse(SLICE("1 nap/3"), &h) == 0 && h.v2,
	    "a later version is answered as this one");
	errno = 0;
	tap_ok(proto_hello_parse(SLICE("65536"), &h) < 0 && errno == ERANGE,
	    "a port past 65535 is out of range");
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		tap_ok(proto_hello_parse(slice_str(refused[i]), &h) < 0,
		    "HELLO '%s' is refused", refused[i]);
	tap_ok(proto_hello_parse(SLICE("x nap/2"), &h) < 0 && h.v2,
	    "a bad port of version 2 is known to be version 2");
	proto_hello_put(
	    &out, &(struct proto_hello){9000, true, SLICE("127.0.0.1")});
	tap_is_str(written(), "HELLO 9000 nap/2 host=127.0.0.1\n",
	    "a version 2 HELLO is written with its host");
	proto_hello_put(&out, &(struct proto_hello){7, false, SLICE("")});
	tap_is_str(written(), "HELLO 7\n", "a seed's HELLO is written");
}

static void
add(void)
{
	static const char *const refused[] = {"", "1", "1 2", "1 2 -",
	    "- 2 - a", "1 - - a", "-1 2 - a", "1 -2 - a", "x 2 - a", "1 x - a",
	    "1 2 x a", "18446744073709551616 2 - a",
	    "1 9223372036854775808 - a",
	    ("1 2 "
	     "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015"
	     "AD a")};
	struct proto_add a;

	tap_ok(proto_add_parse(SLICE("5 6 - b  c "), &a) == 0 && a.size == 5 &&
		a.mtime == 6 && !a.digest.known,
	    "ADD tells size, time and that the digest is not known");
	tap_is_slice(a.path, SLICE("b  c "), "a path keeps its blanks");
	tap_ok(proto_add_parse(SLICE("0 0 " HEX " x"), &a) == 0 &&
		a.digest.known && a.digest.bytes[0] == 0xba,
	    "ADD may tell the digest");
	proto_add_put(&out, &a);
	tap_is_str(written(), "ADD 0 0 " HEX " x\n", "ADD is written back");
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		tap_ok(proto_add_parse(slice_str(refused[i]), &a) < 0,
		    "ADD '%s' is refused", refused[i]);
}

static void
load(void)
{
	struct proto_load l;

	tap_ok(proto_load_parse(SLICE("3 16"), &l) == 0 && l.busy == 3 &&
		l.slots == 16,
	    "LOAD tells transfers and slots");
	proto_load_put(&out, &l);
	tap_is_str(written(), "LOAD 3 16\n", "LOAD is written back");
	tap_ok(proto_load_parse(SLICE("3"), &l) < 0, "LOAD wants both");
	tap_ok(proto_load_parse(SLICE("3 16 1"), &l) < 0,
	    "LOAD wants no third number");
	tap_ok(proto_load_parse(SLICE("3 4294967296"), &l) < 0,
	    "LOAD's numbers have a bound");
}

static void
find(void)
{
	static const char *const refused[] = {"", "x", "limit=3", "limit=3 x",
	    "limit=-1 -- a", "limit= -- a", "over=x -- a", "under=1K -- a",
	    "frob=1 -- a", "--x"};
	char many[PROTO_FIND_NOTS * 8 + 32] = "";
	struct proto_find f;

	tap_ok(proto_find_parse(SLICE("-- a  b"), &f) == 0 &&
		f.limit == PROTO_FIND_ROWS && f.over == 0 &&
		f.under == UINT64_MAX && f.ext.len == 0 && f.not_count == 0,
	    "without settings FIND is unbounded but for the rows");
	tap_is_slice(f.words, SLICE("a  b"), "FIND keeps the words as given");
	tap_ok(proto_find_parse(
		   SLICE("limit=7 over=1 under=2 ext=a,b not=x not=y -- -- z"),
		   &f) == 0 &&
		f.limit == 7 && f.over == 1 && f.under == 2 && f.not_count == 2,
	    "FIND takes every setting");
	tap_is_slice(f.ext, SLICE("a,b"), "extensions stay a list");
	tap_is_slice(f.not_words[1], SLICE("y"), "not= may be said again");
	tap_is_slice(f.words, SLICE("-- z"), "the first -- ends the settings");
	proto_find_put(&out, &f);
	tap_is_str(written(),
	    "FIND limit=7 over=1 under=2 ext=a,b not=x not=y -- -- z\n",
	    "FIND is written back");
	tap_ok(proto_find_parse(SLICE("limit=99999 -- a"), &f) == 0 &&
		f.limit == PROTO_FIND_ROWS,
	    "a limit past the most is the most");
	tap_ok(proto_find_parse(SLICE("limit=0 -- a"), &f) == 0 && f.limit == 0,
	    "limit=0 only counts");
	tap_ok(proto_find_parse(SLICE("--"), &f) == 0 && f.words.len == 0,
	    "FIND without words is seen by who looks for words");
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		tap_ok(proto_find_parse(slice_str(refused[i]), &f) < 0,
		    "FIND '%s' is refused", refused[i]);
	for (int i = 0; i <= PROTO_FIND_NOTS; i++)
		strcat(many, "not=a ");
	strcat(many, "-- b");
	tap_ok(proto_find_parse(slice_str(many), &f) < 0,
	    "more not= than PROTO_FIND_NOTS are refused");
}

static void
row(void)
{
	static const char *const refused[] = {"", "END 1 1", "h:1/x",
	    "h:1/x\t1", "h:1/x\t1\t2", "h:1/x\t1\t2\t-", "\t1\t2\t-\t1",
	    "h:1/x\tz\t2\t-\t1", "h:1/x\t1\t2\tz\t1", "h:1/x\t1\t2\t-\t",
	    "h:1/x\t1\t2\t-\t1\t"};
	struct proto_row r;

	tap_ok(proto_row_parse(SLICE("h:1/x\t5\t6\t" HEX "\t3"), &r) == 0 &&
		r.size == 5 && r.mtime == 6 && r.digest.known && r.rank == 3,
	    "a row has five fields");
	tap_is_slice(r.locator, SLICE("h:1/x"), "a row begins with a locator");
	proto_row_put(&out, &r);
	tap_is_str(written(), "h:1/x\t5\t6\t" HEX "\t3\n", "a row is written");
	tap_ok(proto_row_parse(SLICE("h:1/x\t-\t-\t-\t-"), &r) == 0 &&
		r.size == PROTO_NO_SIZE && r.mtime == PROTO_NO_TIME &&
		!r.digest.known && r.rank == 0,
	    "what is not known is a dash");
	proto_row_put(&out, &r);
	tap_is_str(written(), "h:1/x\t-\t-\t-\t-\n", "and is written as one");
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		tap_ok(proto_row_parse(slice_str(refused[i]), &r) < 0,
		    "row %zu of the bad ones is refused", i);
}

static void
ends(void)
{
	struct proto_synced synced;
	struct proto_end e;
	struct slice text;

	tap_ok(proto_end_parse(SLICE("END"), &e) == 0 && !e.counted,
	    "END of a SEARCH counts nothing");
	tap_ok(proto_end_parse(SLICE("END 2 30"), &e) == 0 && e.counted &&
		e.rows == 2 && e.matches == 30 && !e.more,
	    "END of a FIND tells rows and matches");
	tap_ok(proto_end_parse(SLICE("END 2 30+"), &e) == 0 && e.more,
	    "matches may be a lower bound");
	proto_end_put(&out, &e);
	tap_is_str(written(), "END 2 30+\n", "which is written back");
	tap_ok(proto_end_parse(SLICE("END 2"), &e) < 0, "END wants both");
	tap_ok(proto_end_parse(SLICE("ENDE 2 3"), &e) < 0, "ENDE is no END");
	tap_ok(proto_end_parse(SLICE("END 2 +"), &e) < 0, "+ is no number");
	tap_ok(proto_synced_parse(SLICE("OK 7 1"), &synced) == 0 &&
		synced.files == 7 && synced.refused == 1,
	    "SYNC's answer tells files and refusals");
	tap_ok(proto_synced_parse(SLICE("OK 7"), &synced) < 0,
	    "and is refused without them");
	tap_ok(proto_is_err(SLICE("ERR busy now"), &text),
	    "an error begins with ERR");
	tap_is_slice(text, SLICE("busy now"), "its text follows");
	tap_ok(!proto_is_err(SLICE("ERROR x"), &text), "ERROR is no ERR");
	proto_err_put(&out, "bad-line", "what");
	tap_is_str(written(), "ERR bad-line what\n", "an error is one line");
}

static void
full(void)
{
	struct proto_add a = {.size = 1, .mtime = 2, .path = SLICE("abc")};
	struct buf small;

	buf_init(&small, 14);
	tap_ok(proto_add_put(&small, &a) == 0, "a line that fits is written");
	tap_ok(proto_add_put(&small, &a) < 0 && errno == ENOBUFS &&
		buf_len(&small) == 14,
	    "one that does not fit leaves nothing of itself behind");
	buf_free(&small);
}

int
main(void)
{
	buf_init(&out, 65536);
	verbs();
	hello();
	add();
	load();
	find();
	row();
	ends();
	full();
	buf_free(&out);
	return tap_done();
}
