#include "input.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/line.h"
#include "lib/loop.h"

#define CHUNK 16384
#define WHY_BYTES 128
#define ROOM (LINE_MAX_BYTES + 2 + CHUNK)

struct input {
	char **operands; /* NULL: standard input */
	size_t left;
	struct loop *loop;
	struct loop_io io;
	struct loop_task task;
	void (*more)(void *arg);
	void *arg;
	struct buf lines;
	size_t taken; /* of lines, by the text given out */
	bool waiting;
	bool eof;
	int error; /* of reading, to be told */
	char why[WHY_BYTES];
};

struct input *
input_of_operands(char **operands, size_t count)
{
	struct input *in = calloc(1, sizeof *in);

	if (!in)
		return NULL;
	in->operands = operands;
	in->left = count;
	return in;
}

static void
read_more(struct input *in)
{
	char *at = buf_reserve(&in->lines, CHUNK);
	ssize_t n = at ? read(STDIN_FILENO, at, CHUNK) : -1;

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n < 0)
		in->error = errno;
	else if (n == 0)
		in->eof = true;
	else
		buf_commit(&in->lines, (size_t)n);
}

static void
proceed(struct input *in)
{
	in->waiting = false;
	read_more(in);
	in->more(in->arg);
}

static void
on_ready(struct loop_io *io, unsigned events)
{
	struct input *in = LOOP_OWNER(io, struct input, io);

	(void)events;
	loop_watch(in->loop, io, 0);
	proceed(in);
}

static void
on_task(struct loop_task *task)
{
	proceed(LOOP_OWNER(task, struct input, task));
}

struct input *
input_of_stdin(struct loop *loop, void (*more)(void *arg), void *arg)
{
	struct input *in = calloc(1, sizeof *in);

	if (!in)
		return NULL;
	in->loop = loop;
	in->io = (struct loop_io){.fd = STDIN_FILENO, .ready = on_ready};
	in->task.run = on_task;
	in->more = more;
	in->arg = arg;
	buf_init(&in->lines, ROOM);
	return in;
}

void
input_free(struct input *in)
{
	if (!in)
		return;
	if (in->loop)
		loop_watch(in->loop, &in->io, 0);
	buf_free(&in->lines);
	free(in);
}

/* A regular file cannot be watched, but it never keeps one waiting either. */
static enum input_result
wait_for_more(struct input *in)
{
	if (in->waiting)
		return INPUT_LATER;
	in->waiting = true;
	if (loop_watch(in->loop, &in->io, LOOP_READ) < 0)
		loop_defer(in->loop, &in->task);
	return INPUT_LATER;
}

/* Nothing behind a line that is none can be made sense of. */
static enum input_result
give_up(struct input *in, struct slice *text)
{
	buf_free(&in->lines);
	in->eof = true;
	*text = errno == EMSGSIZE
	    ? SLICE("a line on standard input is too long")
	    : SLICE("a line on standard input holds a NUL");
	return INPUT_BAD;
}

/* A line that was not read whole is none. */
static enum input_result
break_off(struct input *in, struct slice *text)
{
	snprintf(in->why, sizeof in->why, "cannot read standard input: %s",
	    strerror(in->error));
	*text = slice_str(in->why);
	buf_free(&in->lines);
	in->error = 0;
	in->eof = true;
	return INPUT_BROKEN;
}

static enum input_result
next_line(struct input *in, struct slice *text)
{
	ssize_t n;

	buf_consume(&in->lines, in->taken);
	in->taken = 0;
	do {
		struct slice all = buf_slice(&in->lines);

		n = in->eof ? line_last(all, text) : line_next(all, text);
		if (n < 0)
			return give_up(in, text);
		if (n == 0 && in->error)
			return break_off(in, text);
		if (n == 0)
			return in->eof ? INPUT_END : wait_for_more(in);
		*text = slice_trim(*text);
		if (text->len == 0)
			buf_consume(&in->lines, (size_t)n);
	} while (text->len == 0);
	in->taken = (size_t)n;
	return INPUT_TEXT;
}

enum input_result
input_next(struct input *in, struct slice *text)
{
	if (!in->operands)
		return next_line(in, text);
	if (in->left == 0)
		return INPUT_END;
	*text = slice_str(*in->operands++);
	in->left--;
	return INPUT_TEXT;
}
