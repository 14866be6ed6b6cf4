#include "home.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/clock.h"
#include "tap.h"

/* How long something that must happen is waited for. */
#define PATIENCE_MS 60000

static void
on_changed(void *arg)
{
	struct home *h = arg;

	atomic_fetch_add(&h->told, 1);
}

void
home_failed(const char *what)
{
	perror(what);
	exit(1);
}

void
home_make_dir(const char *path)
{
	if (mkdir(path, 0755) < 0)
		home_failed(path);
}

void
home_enter(struct home *h)
{
	*h = (struct home){.dir = "/tmp/t_nshare_watch.XXXXXX"};
	if (!mkdtemp(h->dir) || chdir(h->dir) < 0)
		home_failed(h->dir);
	home_make_dir("in");
	home_make_dir("out");
	if (chdir("in") < 0)
		home_failed("in");
}

void
home_start(struct home *h, bool once)
{
	struct watch_spec spec = {
	    .dir = ".",
	    .rule = &h->rule,
	    .once = once,
	    .changed = on_changed,
	    .arg = h,
	};

	spec.root = h->root = open(".", O_RDONLY | O_DIRECTORY);
	spec.files = h->files = catalogue_new();
	h->watch = watch_new(&spec);
	if (!h->watch || watch_fill(h->watch, &h->report) < 0 ||
	    catalogue_settle(h->files) < 0 || watch_start(h->watch) < 0)
		home_failed("watch");
}

void
home_leave(struct home *h)
{
	char command[2 * sizeof h->dir + 40];

	watch_free(h->watch);
	catalogue_free(h->files);
	close(h->root);
	snprintf(command, sizeof command, "chmod -R u+rwx %s && rm -rf %s",
	    h->dir, h->dir);
	if (chdir("/") < 0 || system(command) != 0)
		tap_note("%s is left", h->dir);
}

/* Files as lines. */
static bool
tell(void *lines, const struct catalogue_file *file)
{
	return buf_printf(lines, "%.*s %llu %lld\n", (int)file->path.len,
		   file->path.ptr, (unsigned long long)file->size,
		   (long long)file->mtime) == 0;
}

static void
tell_all(struct catalogue *files, struct buf *lines)
{
	buf_init(lines, 1 << 24);
	catalogue_walk(files, SLICE(""), tell, lines);
}

static int
on_found(void *files, const struct catalogue_file *file)
{
	return catalogue_fill(files, file);
}

bool
home_is_true(struct home *h)
{
	struct catalogue *files = catalogue_new();
	struct scan_report report = {0};
	const struct scan_spec spec = {.root = h->root,
	    .rule = &h->rule,
	    .report = &report,
	    .found = on_found,
	    .arg = files};
	struct buf want, got;
	bool same;

	if (scan_tree(&spec, SLICE("")) < 0 || catalogue_settle(files) < 0)
		home_failed("scan");
	tell_all(files, &want);
	tell_all(h->files, &got);
	same = slice_eq(buf_slice(&want), buf_slice(&got));
	buf_free(&want);
	buf_free(&got);
	catalogue_free(files);
	return same;
}

static bool
tell_if(void *arg, const struct catalogue_file *file)
{
	struct catalogue_file *sought = arg;

	if (slice_eq(file->path, sought->path))
		*sought = *file;
	return false;
}

struct catalogue_file
home_file(struct home *h, const char *path)
{
	struct catalogue_file file = {
	    .path = slice_str(path), .size = UINT64_MAX};

	catalogue_walk(h->files, file.path, tell_if, &file);
	return file;
}

long long
home_size(struct home *h, const char *path)
{
	return (long long)home_file(h, path).size;
}

bool
home_waits(struct home *h, bool (*is_so)(struct home *h))
{
	int64_t until = clock_ms() + PATIENCE_MS;

	while (!is_so(h)) {
		if (clock_ms() > until)
			return false;
		usleep(5000);
	}
	return true;
}

bool
home_becomes(struct home *h, const char *path, long long size)
{
	int64_t until = clock_ms() + PATIENCE_MS;

	while (home_size(h, path) != size) {
		if (clock_ms() > until) {
			tap_note("%s has %lld", path, home_size(h, path));
			return false;
		}
		usleep(1000);
	}
	return true;
}

int
home_open(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

	if (fd < 0)
		home_failed(path);
	return fd;
}

void
home_write(int fd, size_t bytes)
{
	static const char zeroes[1000];

	if (write(fd, zeroes, bytes) != (ssize_t)bytes)
		home_failed("write");
}

void
home_file_grow(const char *path, size_t size)
{
	int fd = home_open(path);

	home_write(fd, size);
	close(fd);
}

void
home_move(const char *from, const char *to)
{
	if (rename(from, to) < 0)
		home_failed(from);
}

int
home_exchange(const char *a, const char *b)
{
	const unsigned exchange = 2;

	return (int)syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, exchange);
}

void
home_run(const char *command)
{
	if (system(command) != 0)
		home_failed(command);
}
