#ifndef NAP_PRESETS_H
#define NAP_PRESETS_H

#include <stddef.h>

#include "opt.h"

/*
 * What files set before the command line does: naputils.conf(5). First that of
 * the system, then that of the user, each first what is for every program, then
 * the program's own section. Above the codecs: it puts conf to use.
 */

#define PRESETS_SYSTEM NAP_CONFDIR "/naputils.conf"

/* Of the help of each program. */
#define PRESETS_HELP                                             \
	"Defaults of options may stand, as key = value, in\n"    \
	"  " PRESETS_SYSTEM "\n"                                 \
	"  $XDG_CONFIG_HOME/naputils/config (~/.config/naputils" \
	"/config)\n"

#define PRESETS_FILES 2
#define PRESETS_WHY_BYTES 1024

struct presets_file {
	char *path; /* NULL: nobody knows where it would be */
	char *text; /* len bytes and room for a NUL; NULL: there is no file */
	size_t len;
};

/* A zeroed struct is free of files. */
struct presets {
	struct presets_file files[PRESETS_FILES]; /* the last one counts most */
	char why[PRESETS_WHY_BYTES]; /* what is wrong: FILE:LINE: text */
};

/*
 * Note where the files would be: PRESETS_SYSTEM, and below XDG_CONFIG_HOME or
 * else HOME, of which only absolute paths count. 0, or -1 with ENOMEM.
 */
int presets_find(struct presets *p);

/*
 * The directory in which the file is or would be, opened O_PATH: through it the
 * file can be reached from wherever this process goes. -1 with errno; ENOENT
 * when there is no such directory, or one that we may not reach.
 */
int presets_directory(const struct presets_file *file);

/*
 * Read the file in its directory, -1 for one that there is not: without a file
 * there is no text, of one that is larger than CONF_BYTES_MAX a byte more is
 * read. 0, or -1 with errno.
 */
int presets_load(struct presets_file *file, int directory);

/*
 * Have the program take what the files set; once, since that changes their
 * text, to which what it took may point. 0, or -1 with p->why.
 */
int presets_apply(
    struct presets *p, const struct opt_program *program, void *to);

/*
 * Note in p->why what is wrong with a file of p, in that line, or as a whole
 * when that is 0. -1.
 */
int presets_complain(struct presets *p, const struct presets_file *file,
    size_t line, const char *why);

/*
 * All of it, and then the command line; returns as opt_read. What is wrong ends
 * the program. p is to be freed once nothing points to it.
 */
int presets_options(struct presets *p, const struct opt_program *program,
    int argc, char *const argv[], void *to);

/* p is free of files, and may be used again. */
void presets_free(struct presets *p);

#endif
