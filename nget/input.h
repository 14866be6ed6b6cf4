#ifndef NAP_NGET_INPUT_H
#define NAP_NGET_INPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/slice.h"

struct loop;

/* What is to be fetched, one after the other. */
struct input;

enum input_result {
	INPUT_TEXT, /* there is one */
	INPUT_BAD, /* what is there can be none */
	INPUT_BROKEN, /* there may be more, but it cannot be read */
	INPUT_LATER, /* more is called when there may be one */
	INPUT_END
};

/* Operands of the command line, which outlive it. NULL with ENOMEM. */
struct input *input_of_operands(char **operands, size_t count);

/*
 * The lines of standard input, read no further than they are asked for; empty
 * ones do not count. more is called from loop. NULL with errno.
 */
struct input *input_of_stdin(
    struct loop *loop, void (*more)(void *arg), void *arg);
void input_free(struct input *in);

/*
 * The next one; text is valid until the next call, and says why for BAD and for
 * BROKEN, behind which the end follows.
 */
enum input_result input_next(struct input *in, struct slice *text);

#endif
