#ifndef NAP_FNV_H
#define NAP_FNV_H

#include <stdint.h>

#include "lib/slice.h"

#define FNV_START 14695981039346656037u

/* FNV-1a of more bytes, after hash has been made of those before them. */
static inline uint64_t
fnv_add(uint64_t hash, struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		hash = (hash ^ (unsigned char)s.ptr[i]) * 1099511628211u;
	return hash;
}

/* For tables of two to the power of something: all bits reach the lowest. */
static inline uint64_t
fnv_fold(uint64_t hash)
{
	return hash ^ hash >> 32;
}

#endif
