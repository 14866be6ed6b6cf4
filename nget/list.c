#include "list.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "context.h"
#include "lib/buf.h"
#include "lib/line.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/path.h"
#include "rate.h"
#include "settings.h"
#include "sink.h"
#include "transfer.h"

#define LOCATOR_TEXT (3 * LOCATOR_PATH_BYTES + LOCATOR_HOST_BYTES + 16)

/* The longest line, and some of what follows. */
#define REST_BYTES (2 * LINE_MAX_BYTES)

struct list {
	struct loop *loop;
	struct locator root;
	char label[LOCATOR_HOST_BYTES + 16];
	struct sink sink;
	struct transfer *transfer;
	struct buf rest; /* of a line */
	size_t strange; /* lines that are no paths */
	bool malformed; /* what came are no lines */
	struct outcome outcome;
};

/* Whether a line can be a percent-encoded path: a page of HTML is none. */
static bool
is_encoded(struct slice line)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._~/%";

	for (size_t i = 0; i < line.len; i++)
		if (!memchr(plain, line.ptr[i], sizeof plain - 1))
			return false;
	return true;
}

/* The path is encoded anew: what is printed is a locator, whatever came. */
static int
print_line(struct list *l, struct slice line)
{
	struct locator found = {.host = l->root.host};
	char mem[LOCATOR_TEXT];
	struct buf text;
	ssize_t n = locator_decode(line, found.path, sizeof found.path);

	buf_borrow(&text, mem, sizeof mem);
	if (n < 0 || !is_encoded(line) ||
	    !path_valid(slice_of(found.path, (size_t)n))) {
		l->strange++;
		return 0;
	}
	found.path_len = (size_t)n;
	if (locator_add(&text, &found, false) < 0)
		return -1;
	return printf("%.*s\n", (int)buf_len(&text), mem) < 0 ? -1 : 0;
}

static int
print_lines(struct list *l)
{
	struct slice line;
	ssize_t n;

	while ((n = line_next(buf_slice(&l->rest), &line)) > 0) {
		if (line.len && print_line(l, line) < 0)
			return -1;
		buf_consume(&l->rest, (size_t)n);
	}
	l->malformed = n < 0;
	return n < 0 ? -1 : 0;
}

/* There is always room: a line that takes all of it is too long. */
static int
write_lines(void *to, uint64_t at, struct slice data)
{
	struct list *l = to;

	(void)at;
	while (data.len) {
		size_t room = buf_room(&l->rest);
		size_t n = data.len < room ? data.len : room;

		if (buf_add(&l->rest, data.ptr, n) < 0 || print_lines(l) < 0)
			return -1;
		data = slice_skip(data, n);
	}
	return 0;
}

/* A last line may lack its end. */
static int
print_rest(struct list *l)
{
	struct slice line;
	ssize_t n = line_last(buf_slice(&l->rest), &line);

	return n > 0 && line.len ? print_line(l, line) : 0;
}

static void
on_done(void *owner, const struct outcome *outcome)
{
	struct list *l = owner;

	l->outcome = *outcome;
	if (outcome->status == STATUS_OK && print_rest(l) < 0)
		outcome_fail(&l->outcome, STATUS_LOCAL, "%s", strerror(errno));
	if (l->malformed)
		outcome_fail(
		    &l->outcome, STATUS_REFUSED, "its listing is none");
	loop_stop(l->loop);
}

static int
start(struct list *l, const struct context *context)
{
	static const struct sink_ops ops = {.write = write_lines, .once = true};
	const struct transfer_order order = {
	    .context = context,
	    .locators = &l->root,
	    .count = 1,
	    .label = l->label,
	    .sink = &l->sink,
	    .accept = "text/plain",
	    .done = on_done,
	    .owner = l,
	};

	sink_init(&l->sink, &ops, l);
	buf_init(&l->rest, REST_BYTES);
	l->transfer = transfer_start(&order);
	return l->transfer ? 0 : -1;
}

static enum status
conclude(struct list *l)
{
	if (fflush(stdout) < 0 && l->outcome.status == STATUS_OK) {
		outcome_fail(&l->outcome, STATUS_LOCAL, "cannot print");
		if (errno == EPIPE)
			*l->outcome.text = '\0';
	}
	if (l->strange)
		log_warnx("%s: %zu lines of its listing are no paths", l->label,
		    l->strange);
	if (*l->outcome.text)
		log_warnx("%s: %s", l->label, l->outcome.text);
	return l->outcome.status;
}

enum status
list_run(const struct settings *settings, const struct locator_host *host)
{
	struct list l = {.root.host = *host, .loop = loop_new()};
	struct rate rate = {.limit = settings->rate};
	const struct context context = {
	    .loop = l.loop, .settings = settings, .rate = &rate};
	struct buf label;

	if (!l.loop) {
		log_warn("event loop");
		return STATUS_LOCAL;
	}
	buf_borrow(&label, l.label, sizeof l.label);
	if (locator_host_add(&label, host) == 0)
		l.label[buf_len(&label)] = '\0';
	if (start(&l, &context) < 0)
		outcome_fail(&l.outcome, STATUS_LOCAL, "%s", strerror(errno));
	else if (loop_run(l.loop) < 0)
		outcome_fail(&l.outcome, STATUS_LOCAL, "the event loop broke");
	transfer_free(l.transfer);
	sink_close(&l.sink);
	loop_free(l.loop);
	buf_free(&l.rest);
	return conclude(&l);
}
