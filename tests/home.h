#ifndef NAP_TESTS_HOME_H
#define NAP_TESTS_HOME_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "nshare/catalogue.h"
#include "nshare/rule.h"
#include "nshare/scan.h"
#include "nshare/watch.h"

/*
 * A directory that is watched, and the catalogue that is to be like it. It is
 * the working directory, and ../out is another one beside it, which is not
 * watched. What must not fail ends the test.
 */
struct home {
	char dir[64];
	int root;
	struct rule rule; /* may be set before the start */
	struct catalogue *files;
	struct watch *watch;
	atomic_uint told; /* how often somebody was told of changes */
	struct scan_report report;
};

void home_enter(struct home *h);
void home_start(struct home *h, bool once);
void home_leave(struct home *h);

/* The size of a file in the catalogue, or -1. */
long long home_size(struct home *h, const char *path);
struct catalogue_file home_file(struct home *h, const char *path);

/* Whether the catalogue is what a scan finds now. */
bool home_is_true(struct home *h);

/* Wait until something is so, or path has that size; whether it came to be. */
bool home_waits(struct home *h, bool (*is_so)(struct home *h));
bool home_becomes(struct home *h, const char *path, long long size);

/* Files and directories, and what is done to them. */
int home_open(const char *path); /* for appending; made when not there */
void home_write(int fd, size_t bytes);
void home_file_grow(const char *path, size_t bytes); /* and close it */
void home_make_dir(const char *path);
void home_move(const char *from, const char *to);
int home_exchange(const char *a, const char *b); /* 0, or -1 */
void home_run(const char *command);
void home_failed(const char *what);

#endif
