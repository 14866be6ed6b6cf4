#ifndef NAP_SEGMENT_H
#define NAP_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/slice.h"
#include "region.h"
#include "run.h"

/* The longest path. */
#define NAMES_PATH_MAX 4096

/*
 * Names in the order in which they came, known by index. They stand still
 * until the whole segment goes. Runs index those that came first; the others
 * are its tail.
 */
struct segment {
	struct region list;
	struct region text;
	size_t text_end;
	size_t text_dead;
	uint32_t end; /* indexes below have been given out */
	uint32_t live;
	uint32_t slot; /* the high bits of its names' numbers */
	uint64_t serial; /* later segments have higher ones */
	bool sealed; /* takes no more names */
	uint32_t left; /* names below have moved to another segment */
	struct run **runs; /* in the order of their names */
	uint32_t run_count;
};

struct name {
	uint32_t head; /* its first listing, SEGMENT_DEAD once dropped */
	uint32_t tag;
	/* Offset of its text, length of its basename, a flag, its length. */
	uint64_t place;
};

#define SEGMENT_DEAD UINT32_MAX
#define SEGMENT_FLAG ((uint64_t)1 << 15)
#define SEGMENT_BASE_SHIFT 16
#define SEGMENT_OFFSET_SHIFT 32
#define SEGMENT_NAMES_MAX DRAFT_NAMES_MAX

static inline struct name *
segment_at(const struct segment *s, uint32_t index)
{
	return (struct name *)(void *)s->list.base + index;
}

/* The path, valid until a name is added. */
static inline struct slice
segment_path(const struct segment *s, uint32_t index)
{
	uint64_t place = segment_at(s, index)->place;

	return slice_of(s->text.base + (place >> SEGMENT_OFFSET_SHIFT),
	    place & (SEGMENT_FLAG - 1));
}

/* Where the text of a name begins, or that of the next one that comes. */
static inline uint64_t
segment_offset(const struct segment *s, uint32_t index)
{
	return index < s->end
	    ? segment_at(s, index)->place >> SEGMENT_OFFSET_SHIFT
	    : s->text_end;
}

/* The length of the basename. */
static inline size_t
segment_base_len(const struct segment *s, uint32_t index)
{
	return (uint16_t)(segment_at(s, index)->place >> SEGMENT_BASE_SHIFT);
}

/* Where the tail begins. */
static inline uint32_t
segment_indexed(const struct segment *s)
{
	return s->run_count > 0 ? s->runs[s->run_count - 1]->end : 0;
}

/* NULL with ENOMEM; segment_free(NULL) is legal and takes the runs with it. */
struct segment *segment_new(uint32_t slot, uint64_t serial);
void segment_free(struct segment *s);

/* 0, or -1 with ENOMEM; the new name is number end - 1 and dead yet. */
int segment_add(struct segment *s, uint32_t tag, struct slice path);

/* Names that are in runs with a sketch. */
uint32_t segment_sketched(const struct segment *s);

/* A name dies; its memory goes with the segment. */
void segment_drop(struct segment *s, uint32_t index);

/* Whether so much is dead that what lives had better move away. */
bool segment_sparse(const struct segment *s);

/*
 * Put a run in the place of those, none or several that follow each other,
 * whose names it has; the caller frees them, count from first on, before. 0,
 * or -1 with ENOMEM.
 */
int segment_install(
    struct segment *s, uint32_t first, uint32_t count, struct run *run);

uint64_t segment_bytes(const struct segment *s);

#endif
