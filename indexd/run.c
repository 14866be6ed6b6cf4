#include "run.h"

#include <stdlib.h>

#include "compile.h"
#include "reading.h"

/* Names in a bucket of stems, on the average. */
#define STEMS_PER_BUCKET 8

void
run_free(struct run *r)
{
	if (!r)
		return;
	sketch_free(&r->sketch);
	lexicon_free(&r->words);
	grams_free(&r->spelling);
	grams_free(&r->once);
	grams_free(&r->near);
	free(r->indexes);
	free(r->lengths);
	free(r->stems);
	free(r->stems_at);
	free(r);
}

/* Which name is the number's, and where lengths begin. */
static int
make_order(struct run *r, const struct draft *d, const uint32_t *order)
{
	const struct draft_name *name = &d->names[order[r->count - 1]];
	uint32_t len, next = 0;

	r->longest = (uint32_t)(name->len - name->base);
	r->indexes = calloc(r->count, sizeof *r->indexes);
	r->lengths = calloc((size_t)r->longest + 1, sizeof *r->lengths);
	if (!r->indexes || !r->lengths)
		return -1;
	for (uint32_t number = 0; number < r->count; number++) {
		name = &d->names[order[number]];
		r->indexes[number] = name->index;
		len = (uint32_t)(name->len - name->base);
		while (next <= len)
			r->lengths[next++] = number;
	}
	r->bytes += (r->count + (size_t)r->longest + 1) * sizeof *r->indexes;
	return 0;
}

/* From the hash of each stem. */
static int
make_stems(struct run *r, const uint32_t *hashes)
{
	uint32_t buckets = 1, bucket, sum = 0;

	while (buckets < r->count / STEMS_PER_BUCKET)
		buckets *= 2;
	r->stem_mask = buckets - 1;
	r->stems_at = calloc((size_t)buckets + 2, sizeof *r->stems_at);
	r->stems = calloc(r->count, sizeof *r->stems);
	if (!r->stems_at || !r->stems)
		return -1;
	/* Counted two on, so that filling leaves each where it begins. */
	for (uint32_t i = 0; i < r->count; i++)
		r->stems_at[(hashes[i] & r->stem_mask) + 2]++;
	for (bucket = 0; bucket <= buckets; bucket++)
		r->stems_at[bucket + 1] = sum += r->stems_at[bucket + 1];
	for (uint32_t number = 0; number < r->count; number++) {
		bucket = hashes[number] & r->stem_mask;
		r->stems[r->stems_at[bucket + 1]++] = number;
	}
	r->bytes += (r->count + (size_t)buckets + 2) * sizeof *r->stems;
	return 0;
}

static int
make_lists(struct run *r, struct draft *d, const uint32_t *order)
{
	struct reading reading;
	int result = -1;

	if (reading_new(&reading, d, order, &r->key) < 0)
		return -1;
	draft_free(d);
	if (make_stems(r, reading.stems) == 0)
		result = compile_run(r, &reading);
	r->bytes += r->words.bytes + r->spelling.bytes + r->once.bytes +
	    r->near.bytes;
	reading_free(&reading);
	return result;
}

static int
make_sketch(struct run *r, struct draft *d, const uint32_t *order)
{
	uint32_t *stems = calloc(r->count, sizeof *stems);
	int result = -1;

	if (stems && sketch_new(&r->sketch, d, order, &r->key, stems) == 0)
		result = make_stems(r, stems);
	r->bytes += r->sketch.bytes;
	free(stems);
	return result;
}

typedef int make_fn(struct run *r, struct draft *d, const uint32_t *order);

static int
make(struct run *r, struct draft *d, make_fn *make_rest)
{
	uint32_t *order = draft_order(d);
	int result = -1;

	if (order && make_order(r, d, order) == 0)
		result = make_rest(r, d, order);
	free(order);
	return result;
}

static struct run *
new_run(struct draft *d, const struct hash_key *key, make_fn *make_rest)
{
	struct run *r = calloc(1, sizeof *r);

	if (r && d->count > 0) {
		r->key = *key;
		r->count = d->count;
		r->bytes = sizeof *r;
		if (make(r, d, make_rest) < 0) {
			run_free(r);
			r = NULL;
		}
	}
	draft_free(d);
	return r;
}

struct run *
run_new(struct draft *d, const struct hash_key *key)
{
	return new_run(d, key, make_lists);
}

struct run *
run_sketch(struct draft *d, const struct hash_key *key)
{
	return new_run(d, key, make_sketch);
}

struct run_bucket
run_stems(const struct run *r, struct slice stem)
{
	uint32_t bucket = reading_hash(&r->key, stem) & r->stem_mask;

	return (struct run_bucket){
	    .numbers = r->stems + r->stems_at[bucket],
	    .count = r->stems_at[bucket + 1] - r->stems_at[bucket],
	};
}
