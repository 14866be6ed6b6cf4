#ifndef NAP_WATCH_STATE_H
#define NAP_WATCH_STATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/inotify.h>

#include "identity.h"
#include "lib/slice.h"
#include "quiet.h"
#include "scan.h"
#include "watch.h"
#include "watches.h"

/* What the parts of the watch share; nobody else looks inside. */

/* What a scan has come to of the directory that it was sent to. */
enum watch_top {
	WATCH_TOP_ABSENT, /* nothing that can be read */
	WATCH_TOP_KNOWN, /* it is watched already, and was read then */
	WATCH_TOP_READ
};

struct watch {
	struct watch_spec spec;
	struct identity identity;
	struct scan_spec scan;
	struct scan_report report;
	pthread_t thread;
	bool started;
	atomic_bool over;
	int end; /* readable once it is over */
	int inotify; /* -1: none */
	struct watches *dirs;
	struct quiet *quiet; /* what is being written to */

	bool filling; /* the catalogue is not settled yet */
	bool all; /* the scan is of everything, known or not */
	enum watch_top top;
	size_t untold; /* what changed since the last call of changed */
	size_t news; /* files that came, changed or went, in all */

	/*
	 * A directory that is not where it was: the event that tells where it
	 * is now, if it is here still, is the next one with that cookie.
	 */
	uint32_t cookie; /* of the event that is taken */
	uint32_t moved_cookie; /* 0: there is none */
	size_t moved_len;
	char moved[PATH_MAX_BYTES + 1];

	bool blind; /* there are directories that cannot be watched */
	bool said_blind;
	bool said_overflow;
	bool said_gone;
	int64_t again_at; /* when to read everything again, or QUIET_NEVER */
	int64_t rest_until; /* not before that: it has just been read */
	int64_t read_at; /* when that began, in seconds since the epoch */
	int64_t links_ms; /* how long other names of a file may wait */
	int64_t links_at; /* when one was written to */
	bool links; /* something is read again for their sake */

	union {
		struct inotify_event event;
		char bytes[65536];
	} events;
};

/* watch_tree.c */

/* What a directory that scans come to, and a file, mean (scan_spec). */
int watch_enter(void *watch, struct slice path, int dir);
int watch_found(void *watch, const struct catalogue_file *file);

/*
 * A directory is there; followed by a NUL. It is read unless it is known; what
 * is there no more, or cannot be read, goes.
 */
void watch_appear(struct watch *w, struct slice dir);

/* It is gone, and all below. */
void watch_vanish(struct watch *w, struct slice dir);

/*
 * It has gone from there, and may appear elsewhere; its watches are kept until
 * it does, or it is forgotten.
 */
void watch_move_away(struct watch *w, struct slice dir);
void watch_move_here(struct watch *w, struct slice dir);
void watch_forget_moved(struct watch *w);

/*
 * Read everything, to fill the catalogue or to add to it. 0, or -1 when that
 * did not come to its end.
 */
int watch_read_all(struct watch *w);

/* Read everything again: now, as soon as may be, or in a while. */
void watch_rescan(struct watch *w);
void watch_rescan_soon(struct watch *w);
void watch_rescan_later(struct watch *w);

/* For the sake of other names; later and later while that finds nothing. */
void watch_rescan_links(struct watch *w);

/* Say once that not all can be watched. errno says why. */
void watch_go_blind(struct watch *w);

/* watch_events.c */

void watch_take(struct watch *w, const struct inotify_event *event);

/* Look at what stands at path, followed by a NUL: it has become quiet. */
void watch_look(struct watch *w, struct slice path);

/* watch.c */

/* A file has come, changed or gone. */
void watch_changed(struct watch *w);

#endif
