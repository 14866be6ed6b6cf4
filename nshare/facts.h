#ifndef NAP_FACTS_H
#define NAP_FACTS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

/*
 * What fstat says that tells one state of a file from any other. Without gaps:
 * it is compared and hashed as bytes.
 */
struct facts {
	uint64_t device;
	uint64_t inode;
	uint64_t size;
	int64_t mtime;
	int64_t ctime;
	uint32_t mtime_ns;
	uint32_t ctime_ns;
};

_Static_assert(sizeof(struct facts) == 48, "no gaps");

static inline struct facts
facts_of(const struct stat *st)
{
	return (struct facts){
	    .device = (uint64_t)st->st_dev,
	    .inode = (uint64_t)st->st_ino,
	    .size = (uint64_t)st->st_size,
	    .mtime = st->st_mtim.tv_sec,
	    .ctime = st->st_ctim.tv_sec,
	    .mtime_ns = (uint32_t)st->st_mtim.tv_nsec,
	    .ctime_ns = (uint32_t)st->st_ctim.tv_nsec,
	};
}

static inline bool
facts_eq(const struct facts *a, const struct facts *b)
{
	return memcmp(a, b, sizeof *a) == 0;
}

#endif
