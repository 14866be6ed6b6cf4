#include "payload.h"

#include <stdio.h>
#include <string.h>

static const char *const wires[] = {
    [WIRE_NAP2] = "nap2",
    [WIRE_SEED] = "seed",
    [WIRE_REDIS] = "redis",
};

int
wire_parse(const char *name, enum wire *wire)
{
	for (size_t i = 0; i < sizeof wires / sizeof *wires; i++) {
		if (strcmp(name, wires[i]) != 0)
			continue;
		*wire = (enum wire)i;
		return 0;
	}
	return -1;
}

struct range
range_part(enum song_order order, uint64_t count, size_t n, size_t parts)
{
	uint64_t each = count / parts, more = count % parts;

	return (struct range){
	    .order = order,
	    .count = count,
	    .first = each * n + (n < more ? n : more),
	    .names = each + (n < more),
	};
}

/* A name, its place in the collection, and who has it. */
struct song {
	char name[SONG_BYTES];
	size_t len;
	uint64_t place;
	char member[32];
};

static void
say_nap2(struct bytes *b, const struct song *s)
{
	bytes_printf(b, "ADD %u 1700000000 - ",
	    3000000 + (unsigned)(s->place % 8999999));
	bytes_put(b, s->name, s->len);
	bytes_put_text(b, "\n");
}

static void
say_seed(struct bytes *b, const struct song *s)
{
	bytes_put_text(b, "FILE ");
	bytes_put(b, s->name, s->len);
	bytes_put_text(b, "\n");
}

static void
say_redis(struct bytes *b, const struct song *s)
{
	bytes_printf(b, "*3\r\n$4\r\nSADD\r\n$%zu\r\n", s->len);
	bytes_put(b, s->name, s->len);
	bytes_printf(b, "\r\n$%zu\r\n%s\r\n", strlen(s->member), s->member);
}

static void
say_end(struct bytes *b, enum wire wire, const struct song *last)
{
	if (wire == WIRE_NAP2)
		bytes_put_text(b, "SYNC\n");
	if (wire != WIRE_SEED)
		return;
	bytes_put_text(b, "SEARCH ");
	bytes_put(b, last->name, last->len);
	bytes_put_text(b, "\n");
}

struct payload
payload_make(enum wire wire, const struct range *r, unsigned port)
{
	static void (*const say[])(struct bytes *, const struct song *) = {
	    [WIRE_NAP2] = say_nap2,
	    [WIRE_SEED] = say_seed,
	    [WIRE_REDIS] = say_redis,
	};
	struct payload p = {.names = r->names};
	struct song song = {.len = 0};

	snprintf(song.member, sizeof song.member, "127.0.0.1:%u", port);
	if (wire == WIRE_SEED)
		bytes_printf(&p.bytes, "HELLO %u\n", port);
	for (uint64_t i = r->first; i < r->first + r->names; i++) {
		song.place = i;
		song.len = song_name(r->order, i, r->count, song.name);
		say[wire](&p.bytes, &song);
	}
	say_end(&p.bytes, wire, &song);
	return p;
}
