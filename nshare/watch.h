#ifndef NAP_WATCH_H
#define NAP_WATCH_H

#include <stdbool.h>

struct catalogue;
struct hashes;
struct rule;
struct scan_report;
struct watch;

/* All is kept by reference, and outlives the watch. */
struct watch_spec {
	int root; /* DIR */
	const char *dir; /* what it is called, for messages */
	const struct rule *rule;
	struct hashes *hashes; /* NULL: no digests */
	struct catalogue *files;
	bool once; /* fill the catalogue, and let that be all */
	/* From its thread: the catalogue has news, or files to be hashed. */
	void (*changed)(void *arg);
	void *arg;
};

/*
 * Keep a catalogue like what lies below a directory, from a thread of its own
 * (inotify(7)). What comes, goes or is renamed is in the catalogue at once. A
 * file that is being written to is when it is closed, or has been quiet for a
 * while; its digest is known no longer from the first write on. Where changes
 * are more than the system tells, or directories more than it watches, it says
 * so once and reads everything again, every so often. So it does, without a
 * word, when what was written to has other names, of which none is told; later
 * and later, up to a minute, while that finds nothing. And once in a month, so
 * that digests in use are known to be.
 *
 * It stays with the directory that is open as root, whatever its name becomes.
 * When that one is deleted it says so, and nothing comes any more.
 *
 * Each directory takes some 100 bytes and its name, and the system about 1 KiB.
 */

/* How long a file is quiet before it counts as written. */
#define WATCH_QUIET_MS 1000
/* Of more that are being written to, the first count as written at once. */
#define WATCH_FILES 10000
/* How long it is at least until everything is read again. */
#define WATCH_AGAIN_MS 5000

/* NULL with errno. */
struct watch *watch_new(const struct watch_spec *spec);

/*
 * Fill the catalogue, which is to be settled before the start. 0, or -1 with
 * errno when root cannot be read, or memory or descriptors are short.
 */
int watch_fill(struct watch *w, struct scan_report *report);

/* 0, or -1 with errno. */
int watch_start(struct watch *w);

/* End the thread; NULL is legal. */
void watch_free(struct watch *w);

#endif
