#include "reload.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/net.h"
#include "options.h"
#include "reload_reader.h"
#include "server.h"

/*
 * What has been read. A worker may still look at older limits, so that all that
 * ever held are kept: few, since who reads the same again adds none.
 */
struct version {
	struct version *before; /* NULL: what indexd has started with */
	struct options options;
};

struct reload {
	const struct options *first;
	int reader; /* -1: there is none */
	struct version *last;
};

struct reload *
reload_new(const struct options *o)
{
	const struct reload_reader_spec spec = {
	    .presets = &o->presets, .user = o->user, .sandbox = o->sandbox};
	struct reload *r = calloc(1, sizeof *r);

	if (r) {
		r->first = o;
		r->reader = reload_reader_start(&spec);
	}
	if (!r || r->reader == -1)
		log_warn("SIGHUP will not be heeded");
	return r;
}

static bool
is_same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool
listens_alike(const struct options *a, const struct options *b)
{
	if (a->listen_count != b->listen_count)
		return false;
	for (size_t i = 0; i < a->listen_count; i++)
		if (strcmp(a->listen[i], b->listen[i]) != 0)
			return false;
	return true;
}

/* Name what only the start can change. */
static void
tell_settled(const struct options *first, const struct options *now)
{
	const struct {
		const char *key;
		bool same;
	} settled[] = {
	    {"listen", listens_alike(first, now)},
	    {"threads", first->threads == now->threads},
	    {"daemon", first->daemon == now->daemon},
	    {"pidfile", is_same(first->pidfile, now->pidfile)},
	    {"user", is_same(first->user, now->user)},
	    {"handoff", is_same(first->handoff, now->handoff)},
	    {"idle-exit", first->idle_exit == now->idle_exit},
	    {"sandbox", first->sandbox == now->sandbox},
	};

	for (size_t i = 0; i < sizeof settled / sizeof *settled; i++)
		if (!settled[i].same)
			log_warnx("%s has changed, and wants a restart",
			    settled[i].key);
}

/* Where the files are, as at the start. 0, or -1. */
static int
copy_paths(struct presets *to, const struct presets *from)
{
	for (int i = 0; i < PRESETS_FILES; i++) {
		if (!from->files[i].path)
			continue;
		to->files[i].path = strdup(from->files[i].path);
		if (!to->files[i].path)
			return -1;
	}
	return 0;
}

/* NULL after saying why. Its texts are to be given back. */
static struct version *
read_again(struct reload *r)
{
	struct version *v = calloc(1, sizeof *v);
	struct options *o;

	if (!v || copy_paths(&v->options.presets, &r->first->presets) < 0) {
		log_warn("the configuration stays as it was");
		goto fail;
	}
	o = &v->options;
	if (reload_reader_ask(&r->reader, &o->presets) == 0 &&
	    options_again(o, r->first) == 0)
		return v;
	log_warnx("the configuration stays as it was: %s", o->presets.why);
fail:
	if (v)
		options_free(&v->options);
	free(v);
	return NULL;
}

/* Whether it says anything new of what can change. */
static bool
is_news(const struct reload *r, const struct options *o)
{
	const struct options *now = r->last ? &r->last->options : r->first;

	return o->level != now->level ||
	    !limits_equal(&o->limits, &now->limits);
}

void
reload_now(struct reload *r, struct server *server)
{
	struct version *v = r ? read_again(r) : NULL;
	struct options *o;

	if (!v)
		return;
	o = &v->options;
	tell_settled(r->first, o);
	options_free(o);
	limits_share_out(
	    &o->limits, net_raise_descriptors(), r->first->threads);
	if (!is_news(r, o)) {
		log_info("the configuration, read again, is the same");
		free(v);
		return;
	}
	v->before = r->last;
	r->last = v;
	server_limit(server, &o->limits);
	log_open("indexd", o->level);
	log_info("the configuration has been read again");
}

void
reload_free(struct reload *r)
{
	struct version *v;

	if (!r)
		return;
	if (r->reader != -1)
		close(r->reader);
	while ((v = r->last)) {
		r->last = v->before;
		free(v);
	}
	free(r);
}
