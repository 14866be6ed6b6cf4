#include "job.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "context.h"
#include "digester.h"
#include "lib/emit.h"
#include "lib/locator.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/path.h"
#include "lib/rune.h"
#include "name.h"
#include "named.h"
#include "part.h"
#include "progress.h"
#include "settings.h"
#include "sink.h"
#include "target.h"
#include "transfer.h"
#include "turn.h"

#define LABEL_BYTES (3 * LOCATOR_PATH_BYTES + LOCATOR_HOST_BYTES + 16)

static const char exists_already[] = "exists already; -f replaces it";

/* Of a path or a locator in a message, so that its end is seen as well. */
#define SHOWN_BYTES 1024

struct job {
	struct job_order order;
	struct loop_task begin;
	char *text;
	struct locator *locators; /* of one file; the first one's name counts */
	size_t count;
	char label[LABEL_BYTES]; /* what messages call it */
	char name[NAME_BYTES + 1];
	char *path; /* under which it is saved, NULL with a stream */
	struct turn turn; /* of that name */
	struct part part;
	struct sink sink;
	struct transfer *transfer;
	struct progress_row row;
	bool shown; /* the row is */
	int existing; /* a file that is there already, or -1 */
	struct digester digester; /* of that */
	struct outcome outcome;
};

static const struct settings *
settings_of(const struct job *j)
{
	return j->order.context->settings;
}

static const struct target *
target_of(const struct job *j)
{
	return j->order.context->target;
}

/* Report once: what is wrong here with the path, the rest with the locator. */
static void
complain(struct job *j)
{
	bool local = j->outcome.status == STATUS_LOCAL && j->path;

	if (!*j->outcome.text)
		return;
	progress_break(j->order.context->progress);
	log_warnx("%.*s: %s", SHOWN_BYTES, local ? j->path : j->label,
	    j->outcome.text);
}

static void
finish(struct job *j)
{
	if (j->shown)
		progress_remove(j->order.context->progress, &j->row);
	j->shown = false;
	if (j->outcome.status != STATUS_OK)
		complain(j);
	j->order.done(j, j->order.owner, j->outcome.status);
}

static void
fail(struct job *j, enum status status, const char *text)
{
	outcome_fail(&j->outcome, status, "%s", text);
	finish(j);
}

/* What has arrived stays if there is any, and if it is not known to be wrong. */
static void
put_away(struct job *j)
{
	bool spoiled = j->sink.spoiled && j->outcome.status == STATUS_MISMATCH;
	bool worthless = spoiled || j->part.length == 0;

	if (j->part.fd < 0)
		return;
	if (!worthless)
		(void)sink_leave(&j->sink);
	sink_close(&j->sink);
	if (worthless)
		part_discard(&j->part);
	else
		part_close(&j->part);
}

/*
 * The path on a line of standard output; a terminal gets it tamed. 0, also when
 * the reader has left, or -1 with errno.
 */
static int
print_path(const struct job *j)
{
	struct slice path = slice_str(j->path);
	char mem[2 * LABEL_BYTES];
	struct buf line;
	int result;

	progress_break(j->order.context->progress);
	buf_borrow(&line, mem, sizeof mem);
	result = isatty(STDOUT_FILENO) ? rune_visible(&line, path)
				       : buf_add_slice(&line, path);
	if (result < 0 || buf_add_str(&line, "\n") < 0)
		return -1;
	result = emit(STDOUT_FILENO, buf_slice(&line));
	return result < 0 && errno != EPIPE ? -1 : 0;
}

static void
succeed(struct job *j)
{
	j->outcome.status = STATUS_OK;
	if (j->path && print_path(j) < 0)
		outcome_fail(&j->outcome, STATUS_LOCAL,
		    "saved, but its path cannot be printed: %s",
		    strerror(errno));
	finish(j);
}

static void
save(struct job *j)
{
	if (part_finish(&j->part, settings_of(j)->replace) == 0) {
		succeed(j);
		return;
	}
	outcome_fail(&j->outcome, STATUS_LOCAL, "%s",
	    errno == EEXIST ? exists_already : strerror(errno));
	put_away(j);
	finish(j);
}

static void
on_transferred(void *owner, const struct outcome *outcome)
{
	struct job *j = owner;

	j->outcome = *outcome;
	if (outcome->status == STATUS_OK && j->part.fd >= 0) {
		save(j);
		return;
	}
	put_away(j);
	if (outcome->status == STATUS_OK)
		succeed(j);
	else
		finish(j);
}

static void
transfer(struct job *j)
{
	const struct transfer_order order = {
	    .context = j->order.context,
	    .locators = j->locators,
	    .count = j->count,
	    .label = j->label,
	    .sink = &j->sink,
	    .done = on_transferred,
	    .owner = j,
	};

	j->transfer = transfer_start(&order);
	if (!j->transfer) {
		fail(j, STATUS_LOCAL, strerror(errno));
		return;
	}
	j->row = (struct progress_row){
	    .name = j->name,
	    .source = transfer_senders(j->transfer),
	    .have = &j->sink.have,
	    .total = &j->sink.origin.size,
	};
	progress_add(j->order.context->progress, &j->row);
	j->shown = true;
}

/* Without a digest nothing would tell whether what was not flushed is there. */
static bool
go_back(struct job *j, const struct origin *o)
{
	if (o->digest.known || j->locators[0].digest.known)
		return true;
	return o->have > 0 && part_cut(&j->part, o->have) == 0;
}

/* Go on from what is in the part, if something vouches for it. */
static void
recall(struct job *j)
{
	const struct locator *l = j->locators;
	struct origin o;

	if (settings_of(j)->no_continue || j->part.length == 0)
		return;
	if (part_recall(&j->part, &o) == 0 &&
	    origin_vouches(&o, l, &l->digest) && go_back(j, &o) &&
	    sink_recall(&j->sink, &o, j->part.length) == 0)
		log_debug("%s: going on after %llu bytes", j->label,
		    (unsigned long long)j->sink.have);
	else
		log_debug("%s: nothing vouches for its " NAME_PART
			  "; starting again",
		    j->label);
}

static void
open_part(struct job *j)
{
	if (part_open(&j->part, target_of(j)->dir, j->name) < 0) {
		outcome_fail(&j->outcome, STATUS_LOCAL,
		    "cannot open its " NAME_PART ": %s", part_error(errno));
		finish(j);
		return;
	}
	sink_to_part(&j->sink, &j->part, j->order.context->digesters);
	recall(j);
	transfer(j);
}

static void
close_existing(struct job *j)
{
	if (j->existing < 0)
		return;
	digester_stop(&j->digester);
	close(j->existing);
	j->existing = -1;
}

static void
on_existing_digested(void *owner, int error)
{
	struct job *j = owner;
	struct digest got = {.known = false};

	if (!error)
		digester_result(&j->digester, &got);
	close_existing(j);
	if (digest_eq(&got, &j->locators[0].digest)) {
		part_tidy(target_of(j)->dir, j->name);
		succeed(j);
		return;
	}
	if (settings_of(j)->replace)
		open_part(j);
	else
		fail(j, STATUS_LOCAL,
		    "exists already with another content; -f replaces it");
}

/* Whether what is there can be looked into, and is being. */
static bool
digest_existing(struct job *j)
{
	const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	struct stat st;

	if (!j->locators[0].digest.known)
		return false;
	j->existing = openat(target_of(j)->dir, j->name, flags);
	if (j->existing < 0)
		return false;
	digester_start(&j->digester, j->order.context->digesters, j->existing);
	if (fstat(j->existing, &st) < 0 || !S_ISREG(st.st_mode)) {
		close_existing(j);
		return false;
	}
	digester_finish(
	    &j->digester, (uint64_t)st.st_size, on_existing_digested, j);
	return true;
}

/* A name that is taken is known before anybody is asked. */
static void
check_existing(struct job *j)
{
	struct stat st;

	if (fstatat(target_of(j)->dir, j->name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		if (errno == ENOENT)
			open_part(j);
		else
			fail(j, STATUS_LOCAL, strerror(errno));
		return;
	}
	if (digest_existing(j))
		return;
	if (!settings_of(j)->replace)
		fail(j, STATUS_LOCAL, exists_already);
	else if (!S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode))
		fail(j, STATUS_LOCAL, "exists already and is no file");
	else
		open_part(j);
}

/* Returns 0, or -1 with the outcome. */
static int
parse(struct job *j)
{
	struct buf label;

	if (named_parse(&j->order, j->locators, &j->outcome) < 0)
		return -1;
	buf_borrow(&label, j->label, sizeof j->label);
	if (locator_add(&label, j->locators, false) == 0)
		j->label[buf_len(&label)] = '\0';
	return named_agree(
	    j->locators, j->count, &settings_of(j)->digest, &j->outcome);
}

/* What it is saved as. Returns 0, or -1 with the outcome. */
static int
choose_name(struct job *j)
{
	const struct target *t = target_of(j);
	struct slice base = path_base(
	    slice_of(j->locators[0].path, j->locators[0].path_len));
	const char *refusal;

	if (t->name)
		base = slice_str(t->name);
	refusal = name_refusal(base, t->name != NULL);
	if (refusal)
		return outcome_fail(&j->outcome, STATUS_USAGE,
		    "the name to save it as %s; give one with -o", refusal);
	memcpy(j->name, base.ptr, base.len);
	j->path = target_path(t, j->name);
	return j->path
	    ? 0
	    : outcome_fail(&j->outcome, STATUS_LOCAL, "%s", strerror(errno));
}

static void
begin_stream(struct job *j)
{
	sink_to_stream(&j->sink, target_of(j)->stream);
	snprintf(
	    j->name, sizeof j->name, "%.*s", (int)sizeof j->name - 1, j->label);
	transfer(j);
}

/* What those before it have left there is looked at only now. */
static void
on_turn(struct turn *turn)
{
	check_existing(LOOP_OWNER(turn, struct job, turn));
}

static void
on_begin(struct loop_task *task)
{
	struct job *j = LOOP_OWNER(task, struct job, begin);

	if (parse(j) < 0)
		finish(j);
	else if (target_of(j)->stream >= 0)
		begin_stream(j);
	else if (choose_name(j) < 0)
		finish(j);
	else
		turn_take(j->order.context->turns, &j->turn, j->name, on_turn);
}

struct job *
job_new(const struct job_order *order)
{
	struct job *j = calloc(1, sizeof *j);

	if (!j)
		return NULL;
	j->order = *order;
	j->part.fd = j->existing = -1;
	j->count = 1 + order->other_count;
	j->locators = calloc(j->count, sizeof *j->locators);
	j->text = slice_dup(order->text);
	if (!j->text || !j->locators) {
		job_free(j);
		return NULL;
	}
	j->order.text = slice_str(j->text);
	snprintf(j->label, sizeof j->label, "%s", j->text);
	j->begin.run = on_begin;
	loop_defer(order->context->loop, &j->begin);
	return j;
}

size_t
job_number(const struct job *j)
{
	return j->order.number;
}

uint64_t
job_bytes(const struct job *j)
{
	return j->sink.come;
}

void
job_interrupt(struct job *j)
{
	if (j->shown)
		progress_remove(j->order.context->progress, &j->row);
	put_away(j);
}

void
job_free(struct job *j)
{
	if (!j)
		return;
	transfer_free(j->transfer);
	sink_close(&j->sink);
	close_existing(j);
	part_close(&j->part);
	turn_end(&j->turn);
	free(j->path);
	free(j->text);
	free(j->locators);
	free(j);
}
