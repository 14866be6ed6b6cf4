#ifndef NAP_ORDER_H
#define NAP_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Numbers in an order that the caller knows, in blocks, so that one more or one
 * less moves little. A zeroed struct is empty; the fields are order.c's.
 */
struct order {
	struct order_block **blocks; /* none of them is empty */
	size_t count;
	size_t room;
};

/* A place between two changes. */
struct order_spot {
	size_t block;
	size_t at;
};

/* Whether what number stands for comes before what is looked for. */
struct order_test {
	bool (*before)(const void *arg, uint32_t number);
	const void *arg;
};

/* An empty order may be freed, and one that is freed is empty. */
void order_free(struct order *o);

/* Fill an empty order with the numbers below count. 0, or -1 with ENOMEM. */
int order_fill(struct order *o, uint32_t count);

/* The first number that is not before: its place, or that after all. */
struct order_spot order_find(
    const struct order *o, const struct order_test *test);

/* The number at spot; false after the last. */
bool order_at(
    const struct order *o, const struct order_spot *spot, uint32_t *number);
void order_step(const struct order *o, struct order_spot *spot);

/*
 * Put number where order_find found its place, before what is there. 0, or -1
 * with ENOMEM and nothing changed.
 */
int order_insert(
    struct order *o, const struct order_spot *spot, uint32_t number);

/* Take out the number at spot, which then is the place of the next. */
void order_remove(struct order *o, struct order_spot *spot);

#endif
