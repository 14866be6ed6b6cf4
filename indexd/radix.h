#ifndef NAP_RADIX_H
#define NAP_RADIX_H

#include <stddef.h>
#include <stdint.h>

/*
 * Sort items by their bits from low up to but without high; equal ones stay in
 * their order. spare has room for as many. Returns where the sorted items are:
 * items or spare.
 */
uint64_t *radix_sort(uint64_t *items, uint64_t *spare, size_t count,
    unsigned low, unsigned high);

#endif
