#include "presets.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "slice.h"

#define SYSTEM_FILE 0
#define USER_FILE 1

/* Of a path that is longer, the beginning is told. */
#define PATH_TOLD 400

/* Programs, as bits. */
#define INDEXD 1U
#define NFIND 2U
#define NGET 4U
#define NSHARE 8U
#define CLIENTS (NFIND | NGET | NSHARE)
#define SERVERS (INDEXD | NSHARE)
#define ALL (INDEXD | CLIENTS)

static const char *const programs[] = {
    "indexd", "nfind", "nget", "nshare", NULL};

/*
 * The long options of all programs, and for whom files may set them. What is
 * asked for, how it is printed and what might overwrite a file is said anew
 * each time, so that no file changes what a script gets: these are for none.
 */
static const struct {
	const char *key;
	unsigned programs;
} keys[] = {
    {"add-rate", INDEXD},
    {"count", 0},
    {"daemon", SERVERS},
    {"digest", NFIND},
    {"directory", NGET},
    {"exact", 0},
    {"exclude", NSHARE},
    {"ext", 0},
    {"find-rate", INDEXD},
    {"first", 0},
    {"force", 0},
    {"handoff", INDEXD},
    {"hash", 0},
    {"help", 0},
    {"hidden", NSHARE},
    {"idle-exit", INDEXD},
    {"idle-timeout", INDEXD},
    {"index", CLIENTS},
    {"inetd", 0},
    {"jobs", NGET},
    {"json", 0},
    {"limit", NFIND},
    {"list", 0},
    {"listen", SERVERS},
    {"long", 0},
    {"max-conns", SERVERS},
    {"max-files", INDEXD},
    {"max-peers", INDEXD},
    {"multiple", 0},
    {"no-continue", NGET},
    {"no-digest", NFIND},
    {"no-hash", NSHARE},
    {"no-watch", NSHARE},
    {"not", 0},
    {"null", 0},
    {"output", 0},
    {"over", 0},
    {"peers", 0},
    {"pidfile", INDEXD},
    {"ping-interval", SERVERS},
    {"ping-timeout", SERVERS},
    {"port", NSHARE},
    {"quiet", NGET | NSHARE},
    {"rate", NGET | NSHARE},
    {"sandbox", SERVERS},
    {"slots", NSHARE},
    {"stall-timeout", SERVERS},
    {"stat", 0},
    {"threads", INDEXD},
    {"timeout", CLIENTS},
    {"trust", INDEXD},
    {"under", 0},
    {"url", 0},
    {"user", SERVERS},
    {"verbose", ALL},
    {"version", 0},
};

/* A file that is being read for a program. */
struct reading {
	const struct opt_program *program;
	void *to;
	struct opt given;
};

int
presets_find(struct presets *p)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	char **user = &p->files[USER_FILE].path;
	int printed = 0;

	*p = (struct presets){.why = ""};
	p->files[SYSTEM_FILE].path = strdup(PRESETS_SYSTEM);
	if (config && config[0] == '/')
		printed = asprintf(user, "%s/naputils/config", config);
	else if (home && home[0] == '/')
		printed = asprintf(user, "%s/.config/naputils/config", home);
	if (printed == -1)
		*user = NULL;
	if (p->files[SYSTEM_FILE].path && printed != -1)
		return 0;
	errno = ENOMEM;
	return -1;
}

/* All of it as far as it fits; how much that is, or -1. */
static ssize_t
read_all(int fd, char *text, size_t size)
{
	size_t len = 0;
	ssize_t n;

	do {
		n = read(fd, text + len, size - len);
		if (n > 0)
			len += (size_t)n;
	} while ((n > 0 && len < size) || (n == -1 && errno == EINTR));
	return n == -1 ? -1 : (ssize_t)len;
}

/* A path's directory as "DIRECTORY/.", which only who may enter it reaches. */
static char *
dot_beside(const char *path)
{
	int len = (int)(strrchr(path, '/') + 1 - path);
	char *text;

	return asprintf(&text, "%.*s.", len, path) == -1 ? NULL : text;
}

int
presets_directory(const struct presets_file *file)
{
	char *directory;
	int fd, error;

	if (!file->path) {
		errno = ENOENT;
		return -1;
	}
	directory = dot_beside(file->path);
	if (!directory) {
		errno = ENOMEM;
		return -1;
	}
	fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	error = errno;
	free(directory);
	/* Nobody's home: HOME may be left from whom we were. */
	errno = error == ENOTDIR || error == EACCES ? ENOENT : error;
	return fd;
}

int
presets_load(struct presets_file *file, int directory)
{
	const size_t size = CONF_BYTES_MAX + 1;
	int fd, error;
	ssize_t len;

	file->text = NULL;
	file->len = 0;
	if (directory == -1)
		return 0;
	/* It may be anything: a pipe must not keep us. */
	fd = openat(directory, strrchr(file->path, '/') + 1,
	    O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd == -1)
		return errno == ENOENT ? 0 : -1;
	file->text = malloc(size + 1);
	len = file->text ? read_all(fd, file->text, size) : -1;
	error = errno;
	close(fd);
	if (len >= 0) {
		file->len = (size_t)len;
		return 0;
	}
	free(file->text);
	file->text = NULL;
	errno = error;
	return -1;
}

int
presets_complain(struct presets *p, const struct presets_file *file,
    size_t line, const char *why)
{
	char at[32] = "";

	if (line > 0)
		snprintf(at, sizeof at, ":%zu", line);
	snprintf(p->why, sizeof p->why, "%.*s%s: %s", PATH_TOLD, file->path, at,
	    why);
	return -1;
}

/* From where it is now. */
static int
load(struct presets_file *file)
{
	int directory = presets_directory(file), result, error;

	if (directory == -1 && errno != ENOENT)
		return -1;
	result = presets_load(file, directory);
	error = errno;
	if (directory != -1)
		close(directory);
	errno = error;
	return result;
}

static int
load_all(struct presets *p)
{
	for (int i = 0; i < PRESETS_FILES; i++)
		if (load(&p->files[i]) < 0)
			return presets_complain(
			    p, &p->files[i], 0, strerror(errno));
	return 0;
}

static unsigned
bit_of(const char *program)
{
	for (unsigned i = 0; programs[i]; i++)
		if (!strcmp(programs[i], program))
			return 1U << i;
	return 0;
}

/* For whom files may set it: programs as bits, or -1 when there is none such. */
static int
takers_of(struct slice key)
{
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (slice_eq(slice_str(keys[i].key), key))
			return (int)keys[i].programs;
	return -1;
}

static const struct option *
row_of(const struct option *table, struct slice key)
{
	for (; table->name; table++)
		if (slice_eq(slice_str(table->name), key))
			return table;
	return NULL;
}

/* A flag is yes or no; 0, or -1 when it is neither. */
static int
take_flag(struct opt *given)
{
	const char *text = given->text;

	given->off = !strcmp(text, "no");
	given->text = NULL;
	if (given->off || !strcmp(text, "yes"))
		return 0;
	return opt_refuse(
	    given, "%s wants yes or no, not '%s'", given->name, text);
}

/* What is behind the value, a blank or the end, becomes its NUL. */
static int
take(struct reading *r, const struct option *row, const char *value)
{
	struct opt *given = &r->given;

	given->option = row->val;
	given->name = row->name;
	given->text = value;
	given->off = false;
	if (row->has_arg == no_argument && take_flag(given) < 0)
		return -1;
	return r->program->take(r->to, given);
}

/*
 * What stands before all sections is for whom it may concern, what stands in
 * one must concern that program.
 */
static int
take_item(struct reading *r, const struct conf_item *item, const char *value)
{
	const struct option *row = row_of(r->program->table, item->key);
	const char *name = r->program->name;
	int takers = takers_of(item->key);

	if (row && takers > 0 && ((unsigned)takers & bit_of(name)) != 0)
		return take(r, row, value);
	if (takers == 0 || (takers > 0 && row && item->section.len > 0))
		return opt_refuse(&r->given,
		    "'%.*s' is for the command line alone", (int)item->key.len,
		    item->key.ptr);
	if (takers > 0 && item->section.len == 0)
		return 0;
	if (item->section.len > 0)
		return opt_refuse(&r->given, "%s has no option '%.*s'", name,
		    (int)item->key.len, item->key.ptr);
	return opt_refuse(&r->given, "no program has an option '%.*s'",
	    (int)item->key.len, item->key.ptr);
}

static int
apply(struct presets *p, const struct presets_file *file, struct reading *r)
{
	struct slice mine = slice_str(r->program->name);
	const int source = 2 * (int)(file - p->files) + 1;
	struct conf_item item;
	struct conf conf;
	char *end;
	int got;

	conf_begin(&conf, slice_of(file->text, file->len), programs);
	while ((got = conf_next(&conf, &item)) > 0) {
		if (item.section.len > 0 && !slice_eq(item.section, mine))
			continue;
		end = file->text + (item.value.ptr - file->text) +
		    item.value.len;
		*end = '\0';
		r->given.source = source + (item.section.len > 0);
		if (take_item(r, &item, end - item.value.len) < 0)
			return presets_complain(
			    p, file, item.line, r->given.why);
	}
	return got < 0 ? presets_complain(p, file, conf.line, conf.why) : 0;
}

int
presets_apply(struct presets *p, const struct opt_program *program, void *to)
{
	struct reading r = {.program = program, .to = to};

	for (int i = 0; i < PRESETS_FILES; i++)
		if (p->files[i].text && apply(p, &p->files[i], &r) < 0)
			return -1;
	return 0;
}

int
presets_options(struct presets *p, const struct opt_program *program, int argc,
    char *const argv[], void *to)
{
	int operands;

	if (presets_find(p) < 0)
		opt_misread("no memory to read the configuration");
	if (load_all(p) == 0)
		presets_apply(p, program, to);
	/* With --help, what is wrong with a file is of no interest. */
	operands = opt_read(program, argc, argv, to);
	if (p->why[0])
		opt_misread(p->why);
	return operands;
}

void
presets_free(struct presets *p)
{
	for (int i = 0; i < PRESETS_FILES; i++) {
		free(p->files[i].path);
		free(p->files[i].text);
	}
	*p = (struct presets){.why = ""};
}
