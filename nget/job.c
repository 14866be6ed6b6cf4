#include "job.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "context.h"
#include "lib/locator.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/path.h"
#include "lib/rune.h"
#include "name.h"
#include "part.h"
#include "progress.h"
#include "reread.h"
#include "settings.h"
#include "sink.h"
#include "source.h"
#include "target.h"

#define LABEL_BYTES (3 * LOCATOR_PATH_BYTES + LOCATOR_HOST_BYTES + 16)

static const char exists_already[] = "exists already; -f replaces it";

/* Of a path or a locator in a message, so that its end is seen as well. */
#define SHOWN_BYTES 1024

struct job {
	struct job_order order;
	struct loop_task begin;
	char *text;
	struct locator locator;
	char label[LABEL_BYTES]; /* what messages call it */
	char name[NAME_BYTES + 1];
	char *path; /* under which it is saved, NULL with a stream */
	struct part part;
	struct sink sink;
	struct source source;
	struct progress_row row;
	bool shown; /* the row is */
	struct reread reread;
	struct sha256 hash; /* of a file that is there already */
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
	if (j->part.fd < 0)
		return;
	if (j->sink.spoiled || j->part.length == 0) {
		part_discard(&j->part);
		return;
	}
	if (j->sink.known)
		(void)part_keep(&j->part, &j->sink.origin);
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
	struct sink out;
	struct buf line;
	int result;

	progress_break(j->order.context->progress);
	buf_borrow(&line, mem, sizeof mem);
	result = isatty(STDOUT_FILENO) ? rune_visible(&line, path)
				       : buf_add_slice(&line, path);
	if (result < 0 || buf_add_str(&line, "\n") < 0)
		return -1;
	sink_to_stream(&out, STDOUT_FILENO);
	result = sink_write(&out, buf_slice(&line));
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
	const struct source_order order = {
	    .context = j->order.context,
	    .locator = &j->locator,
	    .label = j->label,
	    .want = j->locator.digest,
	    .sink = &j->sink,
	    .done = on_transferred,
	    .owner = j,
	};

	j->row = (struct progress_row){
	    .name = j->name,
	    .have = &j->sink.have,
	    .total = &j->sink.origin.size,
	};
	progress_add(j->order.context->progress, &j->row);
	j->shown = true;
	source_start(&j->source, &order);
}

/* Whether the part is all of a file that is known well enough not to ask. */
static bool
is_complete(const struct job *j)
{
	const struct origin *o = &j->sink.origin;
	struct digest got;

	if (!o->digest.known || !o->sized || j->sink.have != o->size)
		return false;
	sink_digest(&j->sink, &got);
	return digest_eq(&got, &o->digest);
}

static void
on_part_reread(void *owner, int error)
{
	struct job *j = owner;

	if (error) {
		part_close(&j->part);
		fail(j, STATUS_LOCAL, strerror(error));
		return;
	}
	j->sink.have = j->part.length;
	log_debug("%s: going on from byte %llu", j->label,
	    (unsigned long long)j->sink.have);
	if (is_complete(j))
		save(j);
	else
		transfer(j);
}

/* Hash the bytes that are there, so that the digest covers all. */
static void
reread_part(struct job *j)
{
	j->reread = (struct reread){
	    .fd = j->part.fd,
	    .end = j->part.length,
	    .hash = &j->sink.hash,
	    .done = on_part_reread,
	    .owner = j,
	};
	reread_start(&j->reread, j->order.context->loop);
}

/* Without a digest nothing would tell whether what was not flushed is there. */
static bool
go_back(struct job *j)
{
	const struct origin *o = &j->sink.origin;

	if (o->digest.known || j->locator.digest.known)
		return true;
	return o->have > 0 && part_cut(&j->part, o->have) == 0;
}

/* Whether what is in the part can be gone on from. */
static bool
recall(struct job *j)
{
	struct origin *o = &j->sink.origin;

	if (settings_of(j)->no_continue || j->part.length == 0)
		return false;
	if (part_recall(&j->part, o) == 0 &&
	    origin_vouches(o, &j->locator, &j->locator.digest) && go_back(j))
		return true;
	log_debug("%s: nothing vouches for its " NAME_PART "; starting again",
	    j->label);
	return false;
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
	sink_to_part(&j->sink, &j->part);
	if (!recall(j)) {
		j->sink.origin = (struct origin){0};
		transfer(j);
		return;
	}
	j->sink.known = true;
	reread_part(j);
}

static void
on_existing_reread(void *owner, int error)
{
	struct job *j = owner;
	struct digest got;

	close(j->reread.fd);
	sha256_end(&j->hash, &got);
	if (!error && digest_eq(&got, &j->locator.digest))
		succeed(j);
	else if (settings_of(j)->replace)
		open_part(j);
	else
		fail(j, STATUS_LOCAL,
		    "exists already with another content; -f replaces it");
}

/* Whether what is there can be looked into, and is being. */
static bool
reread_existing(struct job *j)
{
	const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	struct stat st;
	int fd;

	if (!j->locator.digest.known)
		return false;
	fd = openat(target_of(j)->dir, j->name, flags);
	if (fd < 0)
		return false;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return false;
	}
	sha256_init(&j->hash);
	j->reread = (struct reread){
	    .fd = fd,
	    .end = (uint64_t)st.st_size,
	    .hash = &j->hash,
	    .done = on_existing_reread,
	    .owner = j,
	};
	reread_start(&j->reread, j->order.context->loop);
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
	if (reread_existing(j))
		return;
	if (!settings_of(j)->replace)
		fail(j, STATUS_LOCAL, exists_already);
	else if (!S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode))
		fail(j, STATUS_LOCAL, "exists already and is no file");
	else
		open_part(j);
}

static int
parse_raw(struct job *j)
{
	size_t len = strlen(j->text);

	if (len > sizeof j->locator.path)
		return outcome_fail(&j->outcome, STATUS_USAGE,
		    "the name is longer than %d bytes", LOCATOR_PATH_BYTES);
	j->locator.host = *j->order.host;
	memcpy(j->locator.path, j->text, len);
	j->locator.path_len = len;
	return 0;
}

/* Returns 0, or -1 with the outcome. */
static int
parse(struct job *j)
{
	const struct digest *want = &settings_of(j)->digest;
	struct buf label;
	const char *why;

	if (j->order.host) {
		if (parse_raw(j) < 0)
			return -1;
	} else if (locator_parse(slice_str(j->text), &j->locator, &why) < 0) {
		return outcome_fail(
		    &j->outcome, STATUS_USAGE, "no locator: %s", why);
	}
	buf_borrow(&label, j->label, sizeof j->label);
	if (locator_add(&label, &j->locator, false) == 0)
		j->label[buf_len(&label)] = '\0';
	if (!want->known)
		return 0;
	if (j->locator.digest.known && !digest_eq(want, &j->locator.digest))
		return outcome_fail(&j->outcome, STATUS_USAGE,
		    "its digest is not the one that --digest gives");
	j->locator.digest = *want;
	return 0;
}

/* What it is saved as. Returns 0, or -1 with the outcome. */
static int
choose_name(struct job *j)
{
	const struct target *t = target_of(j);
	struct slice base = path_base(
	    slice_of(j->locator.path, j->locator.path_len));
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
		check_existing(j);
}

struct job *
job_new(const struct job_order *order)
{
	struct job *j = calloc(1, sizeof *j);

	if (!j)
		return NULL;
	j->order = *order;
	j->part.fd = -1;
	j->text = slice_dup(order->text);
	if (!j->text) {
		free(j);
		return NULL;
	}
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
	part_close(&j->part);
	free(j->path);
	free(j->text);
	free(j);
}
