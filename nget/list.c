#include "list.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "context.h"
#include "lib/buf.h"
#include "lib/emit.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "listing.h"
#include "rate.h"
#include "settings.h"
#include "sink.h"
#include "transfer.h"

/* Lines are gathered up to so many bytes. */
#define FLUSH_BYTES 16384

struct list {
	struct loop *loop;
	struct locator root;
	char label[LOCATOR_HOST_BYTES + 16];
	struct sink sink;
	struct transfer *transfer;
	struct listing listing;
	struct outcome outcome;
	struct buf out;
	int print_error; /* an errno; 0 while lines are printed */
};

static int
flush(struct list *l)
{
	if (emit(STDOUT_FILENO, buf_slice(&l->out)) < 0) {
		l->print_error = errno;
		return -1;
	}
	buf_truncate(&l->out, 0);
	return 0;
}

static int
print_locator(void *owner, struct slice locator)
{
	struct list *l = owner;

	if (buf_add_slice(&l->out, locator) < 0 ||
	    buf_add(&l->out, "\n", 1) < 0) {
		l->print_error = errno;
		return -1;
	}
	return buf_len(&l->out) < FLUSH_BYTES ? 0 : flush(l);
}

static int
take(void *to, uint64_t at, struct slice data)
{
	struct list *l = to;

	(void)at;
	if (listing_take(&l->listing, data) < 0)
		return -1;
	return flush(l);
}

static void
on_done(void *owner, const struct outcome *outcome)
{
	struct list *l = owner;

	l->outcome = *outcome;
	if (outcome->status == STATUS_OK && listing_end(&l->listing) < 0)
		outcome_fail(&l->outcome, STATUS_LOCAL, "%s", strerror(errno));
	if (l->listing.malformed)
		outcome_fail(
		    &l->outcome, STATUS_REFUSED, "its listing is none");
	loop_stop(l->loop);
}

static int
start(struct list *l, const struct context *context)
{
	static const struct sink_ops ops = {.write = take, .once = true};
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

	buf_init(&l->out, 2 * FLUSH_BYTES);
	sink_init(&l->sink, &ops, l);
	listing_init(&l->listing, &l->root.host, print_locator, l);
	l->transfer = transfer_start(&order);
	return l->transfer ? 0 : -1;
}

/* What is printed is a list of lines: who has read enough of them leaves. */
static enum status
conclude_print(const struct list *l)
{
	if (!l->print_error)
		return l->outcome.status;
	if (l->print_error == EPIPE)
		return STATUS_OK;
	log_warnx("standard output: %s", strerror(l->print_error));
	return STATUS_LOCAL;
}

static enum status
conclude(struct list *l)
{
	if (!l->print_error)
		flush(l);
	if (l->listing.strange)
		log_warnx("%s: %zu lines of its listing are no paths", l->label,
		    l->listing.strange);
	if (*l->outcome.text && !l->print_error)
		log_warnx("%s: %s", l->label, l->outcome.text);
	return conclude_print(l);
}

enum status
list_run(const struct settings *settings, const struct locator_host *host)
{
	struct list l = {.root.host = *host, .loop = loop_new()};
	struct rate rate = {.limit = settings->rate};
	const struct context context = {
	    .loop = l.loop, .settings = settings, .rate = &rate};
	struct buf label;
	enum status status;

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
	listing_free(&l.listing);
	status = conclude(&l);
	buf_free(&l.out);
	return status;
}
