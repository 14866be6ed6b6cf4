#include "lib/buf.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>

#include "tests/tap.h"

static void
test_empty(void)
{
	struct buf b;

	buf_init(&b, 100);
	tap_ok(!b.mem, "a queue owns no memory until it holds something");
	tap_is_num((long long)buf_len(&b), 0, "it begins empty");
	tap_is_num((long long)buf_room(&b), 100, "all of its cap is room");
	tap_ok(buf_slice(&b).len == 0 && !buf_slice(&b).ptr,
	    "the bytes of an empty queue are an empty slice");
	tap_ok(buf_add(&b, NULL, 0) == 0 && !b.mem,
	    "adding nothing takes no memory");
	buf_consume(&b, 10);
	buf_truncate(&b, 0);
	tap_is_num((long long)buf_len(&b), 0, "nothing can be taken from it");
	buf_free(&b);
}

static void
test_add(void)
{
	struct buf b = {.cap = 1000};

	buf_add_str(&b, "one ");
	buf_add_slice(&b, SLICE("two "));
	buf_printf(&b, "%s %d ", "three", 4);
	buf_add_num(&b, 0);
	buf_add_str(&b, " ");
	buf_add_num(&b, ULLONG_MAX);
	tap_is_slice(buf_slice(&b),
	    SLICE("one two three 4 0 18446744073709551615"),
	    "a zeroed struct with a cap takes every kind of text in order");
	buf_consume(&b, 4);
	tap_is_slice(slice_of(buf_slice(&b).ptr, 3), SLICE("two"),
	    "consuming drops from the head");
	buf_truncate(&b, 3);
	tap_is_slice(
	    buf_slice(&b), SLICE("two"), "truncating drops from the tail");
	buf_truncate(&b, 50);
	tap_is_num((long long)buf_len(&b), 3,
	    "truncating to more than there is changes nothing");
	buf_free(&b);
}

static void
test_consume_all(void)
{
	struct buf b = {.cap = 1000};
	const char *mem;

	buf_add_str(&b, "abc");
	mem = b.mem;
	buf_consume(&b, 1);
	buf_consume(&b, SIZE_MAX);
	tap_ok(buf_len(&b) == 0 && b.head == 0 && b.tail == 0,
	    "a queue that is emptied begins at the front again");
	tap_ok(b.mem == mem, "it keeps its memory");
	buf_free(&b);
	tap_ok(!b.mem && buf_room(&b) == 1000,
	    "freeing gives the memory back and keeps the cap");
	tap_ok(buf_add_str(&b, "x") == 0, "a freed queue may be used again");
	buf_free(&b);
}

static void
test_cap(void)
{
	struct buf b;
	char *at;

	buf_init(&b, 10);
	tap_is_num(buf_add_str(&b, "0123456789"), 0,
	    "a queue holds as much as its cap");
	errno = 0;
	tap_ok(buf_add_str(&b, "x") < 0 && errno == ENOBUFS,
	    "one byte past the cap is ENOBUFS");
	errno = 0;
	tap_ok(buf_printf(&b, "%d", 5) < 0 && errno == ENOBUFS,
	    "so it is when printed");
	tap_ok(!buf_reserve(&b, SIZE_MAX) && errno == ENOBUFS,
	    "a size that would overflow is refused");
	tap_is_slice(buf_slice(&b), SLICE("0123456789"),
	    "a refusal leaves the queue as it was");
	buf_consume(&b, 4);
	tap_is_num(buf_printf(&b, "%s", "abcd"), 0,
	    "text that ends exactly at the cap fits without its NUL");
	tap_is_slice(
	    buf_slice(&b), SLICE("456789abcd"), "what was consumed makes room");
	at = buf_reserve(&b, 0);
	tap_ok(at != NULL, "no room can be reserved in a full queue");
	buf_free(&b);

	buf_init(&b, 0);
	tap_ok(buf_reserve(&b, 0) != NULL, "nor does a cap of 0 refuse none");
	tap_ok(buf_printf(&b, "%s", "") == 0 && buf_len(&b) == 0,
	    "an empty text can be printed to it");
	tap_ok(!buf_reserve(&b, 1), "but nothing else");
	buf_free(&b);
}

static void
test_memory(void)
{
	struct buf b;

	buf_init(&b, SIZE_MAX);
	buf_add_str(&b, "kept");
	errno = 0;
	tap_ok(!buf_reserve(&b, SIZE_MAX - 4) && errno == ENOMEM,
	    "more than a size can tell is ENOMEM");
	tap_is_slice(buf_slice(&b), SLICE("kept"),
	    "a shortage leaves the queue as it was");
	buf_free(&b);
}

static void
test_reserve(void)
{
	struct buf b;
	char *at;

	buf_init(&b, 4096);
	at = buf_reserve(&b, 1000);
	memset(at, 'x', 1000);
	buf_commit(&b, 10);
	tap_is_slice(buf_slice(&b), SLICE("xxxxxxxxxx"),
	    "only what is committed counts");
	tap_ok(b.size <= 4096, "the memory never passes the cap");
	buf_free(&b);
}

static void
test_borrow(void)
{
	char mem[8];
	struct buf b;

	buf_borrow(&b, mem, sizeof mem);
	tap_ok(buf_add_str(&b, "1234567") == 0 && buf_add_str(&b, "8") < 0,
	    "a queue in 8 borrowed bytes holds 7");
	buf_consume(&b, 2);
	tap_is_num(buf_printf(&b, "%d", 89), 0, "it reuses what is consumed");
	tap_is_slice(buf_slice(&b), SLICE("3456789"), "and keeps the order");
	tap_ok(b.mem == mem, "without taking other memory");
	buf_borrow(&b, mem, 1);
	tap_ok(buf_printf(&b, "%s", "") == 0 && buf_add_str(&b, "a") < 0,
	    "a single byte is room for nothing");
}

static void
test_lend(void)
{
	char mem[8];
	struct buf b;

	buf_init(&b, 100);
	buf_lend(&b, mem, sizeof mem);
	buf_add_str(&b, "1234567");
	tap_ok(b.mem == mem, "what fits stands in the memory that was lent");
	buf_consume(&b, 5);
	tap_is_num(buf_settle(&b), 0, "which is given back");
	tap_ok(b.mem != mem && slice_eq(buf_slice(&b), SLICE("67")),
	    "and what is left has its own from then on");
	buf_lend(&b, mem, sizeof mem);
	tap_ok(b.mem != mem, "a queue with memory needs no other");
	tap_ok(buf_settle(&b) == 0 && buf_len(&b) == 2, "nor ends that");
	buf_free(&b);
	buf_lend(&b, mem, sizeof mem);
	buf_add_str(&b, "123");
	buf_consume(&b, 3);
	tap_ok(buf_settle(&b) == 0 && !b.mem, "of nothing nothing is left");
	buf_lend(&b, mem, sizeof mem);
	buf_add_str(&b, "1234567");
	tap_is_num(buf_add_str(&b, "89"), 0, "more moves away");
	tap_is_slice(buf_slice(&b), SLICE("123456789"), "all of it");
	buf_settle(&b);
	tap_is_num((long long)buf_len(&b), 9, "and stays");
	buf_free(&b);
	b.cap = 3;
	buf_lend(&b, mem, sizeof mem);
	tap_ok(buf_add_str(&b, "1234") < 0 && buf_add_str(&b, "123") == 0,
	    "the cap holds there, too");
	buf_free(&b);
	tap_ok(!b.mem, "it can be freed before its time");
}

/* What goes in comes out, whatever the sizes; pieces are derived from i. */
static bool
streams(size_t cap)
{
	struct buf b;
	unsigned char in = 0, out = 0;
	bool same = true;

	buf_init(&b, cap);
	for (unsigned i = 0; i < 20000; i++) {
		size_t give = (i * 7919) % 97, take = (i * 104729) % 89;
		struct slice s;

		for (; give && buf_room(&b); give--, in++)
			same &= buf_add(&b, &in, 1) == 0;
		s = buf_slice(&b);
		for (size_t k = 0; k < take && k < s.len; k++)
			same &= (unsigned char)s.ptr[k] == out++;
		buf_consume(&b, take);
		same &= b.size <= cap && b.tail <= b.size;
	}
	buf_free(&b);
	return same;
}

static void
test_overwrite(void)
{
	struct buf b;

	buf_init(&b, 100);
	buf_add_str(&b, "gone, size ?, more");
	buf_consume(&b, 6);
	buf_overwrite(&b, 5, SLICE("7"));
	tap_is_slice(buf_slice(&b), SLICE("size 7, more"),
	    "what is known only later is written over what stands for it");
	buf_free(&b);
}

static void
test_stream(void)
{
	static const size_t caps[] = {1, 2, 90, 255, 256, 257, 5000};

	for (size_t i = 0; i < sizeof caps / sizeof *caps; i++)
		tap_ok(streams(caps[i]),
		    "bytes come out as they went in below a cap of %zu",
		    caps[i]);
}

/* Counts the bytes moved, which the head's fall back to 0 betrays. */
static void
test_moves(void)
{
	struct buf b;
	size_t moved = 0, passed = 0;

	buf_init(&b, 1 << 20);
	for (int i = 0; i < 1000; i++)
		buf_add_str(&b, "0123456789");
	for (int i = 0; i < 100000; i++) {
		size_t head;

		buf_consume(&b, 10);
		head = b.head;
		buf_add_str(&b, "0123456789");
		passed += 10;
		moved += b.head < head ? buf_len(&b) : 0;
	}
	tap_ok(moved <= passed,
	    "many small steps move no byte more than once on average");
	tap_ok(b.size <= 32768, "nor does the memory grow with what passes");
	buf_free(&b);
}

static void
test_move(void)
{
	struct buf from, to;
	char small[8];
	const char *memory;

	buf_init(&from, 100);
	buf_init(&to, 50);
	buf_add_str(&from, "one");
	memory = from.mem;
	tap_ok(buf_move(&to, &from) == 0 && to.mem == memory && !from.mem,
	    "an empty queue takes over the memory of another");
	tap_ok(buf_room(&to) == 47, "and keeps to its own cap");
	buf_add_str(&from, "two");
	tap_ok(buf_move(&to, &from) == 0 && !from.mem &&
		slice_eq(buf_slice(&to), SLICE("onetwo")),
	    "one that holds something has the other's bytes appended");
	for (int i = 0; i < 6; i++)
		buf_add_str(&from, "0123456789");
	errno = 0;
	tap_ok(buf_move(&to, &from) == -1 && errno == ENOBUFS &&
		buf_len(&from) == 60 && buf_len(&to) == 6,
	    "what does not fit stays where it was");
	buf_free(&to);
	tap_ok(buf_move(&to, &from) == -1 && buf_len(&from) == 60,
	    "in an empty queue, too");
	buf_free(&from);
	buf_borrow(&from, small, sizeof small);
	buf_add_str(&from, "three");
	tap_ok(buf_move(&to, &from) == 0 && to.mem != small &&
		from.mem == small && slice_eq(buf_slice(&to), SLICE("three")),
	    "borrowed memory is not given away");
	buf_free(&to);
}

int
main(void)
{
	test_empty();
	test_add();
	test_consume_all();
	test_cap();
	test_memory();
	test_reserve();
	test_borrow();
	test_lend();
	test_overwrite();
	test_stream();
	test_moves();
	test_move();
	return tap_done();
}
