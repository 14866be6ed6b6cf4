#include "region.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* The fraction of its size that a region grows ahead. */
#define AHEAD 8

static size_t
round_up(size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (bytes + page - 1) & ~(page - 1);
}

static int
map(struct region *r, size_t bytes, int flags)
{
	void *base;

	bytes = round_up(bytes);
	base = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
	if (base == MAP_FAILED)
		return -1;
	r->base = base;
	r->bytes = bytes;
	return 0;
}

/*
 * A page that is read before it is written to is mapped twice, and the second
 * time interrupts all processors: here, pages come at once.
 */
int
region_map(struct region *r, size_t bytes)
{
	return map(r, bytes, MAP_POPULATE);
}

/*
 * The pages move to addresses that mmap gave out, though mremap could choose
 * some itself: ThreadSanitizer follows mmap, and not mremap.
 */
static int
grow(struct region *r, size_t bytes)
{
	struct region fresh;

	if (map(&fresh, bytes, 0) < 0)
		return -1;
	if (r->bytes > 0 &&
	    mremap(r->base, r->bytes, fresh.bytes,
		MREMAP_MAYMOVE | MREMAP_FIXED, fresh.base) == MAP_FAILED) {
		/* It may have given fresh up, and another thread taken it. */
		errno = ENOMEM;
		return -1;
	}
	*r = fresh;
	return 0;
}

int
region_reserve(struct region *r, size_t need)
{
	if (need <= r->bytes)
		return 0;
	if (need > SIZE_MAX / 2) {
		errno = ENOMEM;
		return -1;
	}
	return grow(r, need + need / AHEAD);
}

void
region_trim(struct region *r, size_t keep)
{
	size_t bytes = round_up(keep + keep / AHEAD);

	if (keep == 0) {
		region_free(r);
	} else if (bytes < r->bytes) {
		munmap(r->base + bytes, r->bytes - bytes);
		r->bytes = bytes;
	}
}

void
region_free(struct region *r)
{
	if (r->bytes > 0)
		munmap(r->base, r->bytes);
	*r = (struct region){0};
}
