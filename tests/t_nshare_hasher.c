#include "nshare/hasher.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/sha256.h"
#include "nshare/catalogue.h"
#include "nshare/hashes.h"
#include "nshare/hashes_record.h"
#include "nshare/slots.h"
#include "tap.h"

#define FILES 20
#define BIG_BYTES ((size_t)3 * 1024 * 1024)

/* A directory that is shared, and what becomes known of it. */
struct share {
	char dir[64];
	int root;
	struct catalogue *files;
	struct hashes *hashes;
	struct slots slots;
	struct hasher *hasher;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	unsigned learned;
};

static void
on_learned(void *arg)
{
	struct share *s = arg;

	pthread_mutex_lock(&s->lock);
	s->learned++;
	pthread_cond_signal(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

static void
wait_for(struct share *s, unsigned count)
{
	pthread_mutex_lock(&s->lock);
	while (s->learned < count)
		pthread_cond_wait(&s->changed, &s->lock);
	pthread_mutex_unlock(&s->lock);
}

static void
write_file(struct share *s, const char *name, const char *bytes, size_t len)
{
	int fd = openat(s->root, name, O_WRONLY | O_CREAT, 0600);

	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len || close(fd) < 0)
		abort();
}

static void
add(struct share *s, const char *name)
{
	const struct catalogue_file file = {.path = slice_str(name)};

	if (catalogue_fill(s->files, &file) < 0)
		abort();
}

static void
open_share(struct share *s)
{
	*s = (struct share){.slots = {.max = 1}};
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->changed, NULL);
	snprintf(s->dir, sizeof s->dir, "/tmp/t_nshare_hasher.XXXXXX");
	if (!mkdtemp(s->dir))
		abort();
	s->root = open(s->dir, O_RDONLY | O_DIRECTORY);
	s->files = catalogue_new();
	s->hashes = hashes_new();
	if (s->root < 0 || !s->files || !s->hashes)
		abort();
}

static void
start(struct share *s)
{
	const struct hasher_spec spec = {
	    .root = s->root,
	    .files = s->files,
	    .hashes = s->hashes,
	    .slots = &s->slots,
	    .learned = on_learned,
	    .arg = s,
	};

	s->hasher = hasher_new(&spec);
	if (!s->hasher)
		abort();
}

static void
remove_file(struct share *s, const char *name)
{
	unlinkat(s->root, name, 0);
}

static void
close_share(struct share *s)
{
	hasher_free(s->hasher);
	catalogue_free(s->files);
	hashes_free(s->hashes);
	close(s->root);
	rmdir(s->dir);
}

static bool
take(void *arg, const struct catalogue_file *file)
{
	struct catalogue_file *found = arg;

	*found = *file;
	return false;
}

/* What is known of the file name, its path apart. */
static struct catalogue_file
known(struct share *s, const char *name)
{
	struct catalogue_file found = {.size = 0};

	catalogue_walk(s->files, slice_str(name), take, &found);
	return found;
}

static bool
has_digest(struct share *s, const char *name, const char *bytes, size_t len)
{
	struct catalogue_file file = known(s, name);
	struct sha256 hash;
	struct digest digest;

	sha256_init(&hash);
	sha256_add(&hash, bytes, len);
	sha256_end(&hash, &digest);
	return digest_eq(&file.digest, &digest) && file.size == len;
}

static void
test_files(void)
{
	struct share s;
	char name[16];
	unsigned right = 0;

	open_share(&s);
	for (unsigned i = 0; i < FILES; i++) {
		snprintf(name, sizeof name, "file %02u", i);
		write_file(&s, name, name, strlen(name));
		add(&s, name);
	}
	add(&s, "gone");
	add(&s, "/");
	catalogue_settle(s.files);
	start(&s);
	hasher_wake(s.hasher);
	wait_for(&s, FILES);
	for (unsigned i = 0; i < FILES; i++) {
		snprintf(name, sizeof name, "file %02u", i);
		right += has_digest(&s, name, name, strlen(name));
	}
	tap_is_num(right, FILES, "each file gets its digest");
	tap_is_num((long long)hashes_count(s.hashes), FILES,
	    "which is remembered, and no other");
	hasher_free(s.hasher);
	s.learned = 0;
	start(&s);
	hasher_free(s.hasher);
	s.hasher = NULL;
	tap_is_num(s.learned, 0, "it ends before it begins, if it has to");
	for (unsigned i = 0; i < FILES; i++) {
		snprintf(name, sizeof name, "file %02u", i);
		remove_file(&s, name);
	}
	close_share(&s);
}

/* What is remembered is not read: here, what could not be read so. */
static void
test_by_heart(void)
{
	const struct digest told = {.bytes = {42}, .known = true};
	struct share s;
	struct stat st;

	open_share(&s);
	write_file(&s, "a", "abc", 3);
	add(&s, "a");
	catalogue_settle(s.files);
	if (fstatat(s.root, "a", &st, 0) < 0 ||
	    hashes_put(s.hashes, &st, &told) < 0)
		abort();
	start(&s);
	hasher_wake(s.hasher);
	wait_for(&s, 1);
	tap_ok(known(&s, "a").digest.bytes[0] == 42,
	    "a digest that is remembered is believed");
	remove_file(&s, "a");
	close_share(&s);
}

struct writer {
	struct share *share;
	char *bytes;
	atomic_bool over;
};

/* Rewrites a file again and again while it is read. */
static void *
rewrite(void *arg)
{
	struct writer *w = arg;
	const struct timespec moment = {.tv_nsec = 30000000};

	for (unsigned i = 1; i <= 20; i++) {
		memset(w->bytes, (int)('a' + i), BIG_BYTES);
		write_file(w->share, "big", w->bytes, BIG_BYTES);
		nanosleep(&moment, NULL);
	}
	return NULL;
}

/* Transfers make the hasher slow, so that the file changes under it. */
static void
test_changing(void)
{
	struct share s;
	struct writer w = {.share = &s, .bytes = malloc(BIG_BYTES)};
	pthread_t thread;

	if (!w.bytes)
		abort();
	open_share(&s);
	memset(w.bytes, 'a', BIG_BYTES);
	write_file(&s, "big", w.bytes, BIG_BYTES);
	add(&s, "big");
	catalogue_settle(s.files);
	slots_take(&s.slots);
	start(&s);
	hasher_wake(s.hasher);
	if (pthread_create(&thread, NULL, rewrite, &w))
		abort();
	pthread_join(thread, NULL);
	slots_give(&s.slots);
	wait_for(&s, 1);
	tap_ok(has_digest(&s, "big", w.bytes, BIG_BYTES),
	    "a file that changes while it is read gets the digest that it has "
	    "in the end");
	remove_file(&s, "big");
	free(w.bytes);
	close_share(&s);
}

/* What comes once everything else is known. */
static void
test_more(void)
{
	struct share s;
	const struct catalogue_file file = {.path = SLICE("new")};

	open_share(&s);
	write_file(&s, "a", "abc", 3);
	add(&s, "a");
	catalogue_settle(s.files);
	start(&s);
	hasher_wake(s.hasher);
	wait_for(&s, 1);
	write_file(&s, "new", "news", 4);
	if (catalogue_add(s.files, &file) < 0)
		abort();
	hasher_wake(s.hasher);
	wait_for(&s, 2);
	tap_ok(has_digest(&s, "new", "news", 4),
	    "a file that comes later gets its digest, too");
	remove_file(&s, "a");
	remove_file(&s, "new");
	close_share(&s);
}

/* A file whose reading takes its time. */
static void
add_terabyte(struct share *s)
{
	int fd = openat(s->root, "sparse", O_WRONLY | O_CREAT, 0600);

	if (fd < 0 || ftruncate(fd, (off_t)1 << 40) < 0)
		abort();
	close(fd);
	add(s, "sparse");
	catalogue_settle(s->files);
}

/* One digest, kept long ago and looked up just now. */
static void
find_old(struct share *s, const char *path)
{
	const time_t now = time(NULL), month = HASHES_REFRESH_DAYS * 86400;
	const struct stat st = {.st_ino = 1};
	struct digest digest = {.bytes = {42}, .known = true};

	if (hashes_keep(s->hashes, path, now - 2 * month) < 0 ||
	    hashes_put(s->hashes, &st, &digest) < 0)
		abort();
	hashes_tend(s->hashes, now);
	if (!hashes_find(s->hashes, &st, &digest))
		abort();
}

static void
test_in_use(void)
{
	const struct timespec moment = {.tv_nsec = 10000000};
	struct share s;
	struct stat st = {.st_size = 0};
	char path[sizeof s.dir + 16];

	open_share(&s);
	snprintf(path, sizeof path, "%s/digests", s.dir);
	find_old(&s, path);
	add_terabyte(&s);
	start(&s);
	hasher_wake(s.hasher);
	for (int i = 0; i < 1000 && st.st_size < 2 * HASHES_RECORD_BYTES; i++) {
		nanosleep(&moment, NULL);
		if (stat(path, &st) < 0)
			abort();
	}
	tap_is_num((long long)st.st_size, 2 * HASHES_RECORD_BYTES,
	    "what was found is written down before other files are read");
	hasher_stop(s.hasher);
	remove_file(&s, "sparse");
	remove_file(&s, "digests");
	close_share(&s);
}

/* The end does not wait for a file to be read. */
static void
test_end(void)
{
	struct share s;

	open_share(&s);
	add_terabyte(&s);
	start(&s);
	hasher_wake(s.hasher);
	hasher_stop(s.hasher);
	tap_ok(!known(&s, "sparse").digest.known,
	    "a file of a terabyte does not delay the end");
	hasher_wake(s.hasher);
	hasher_free(s.hasher);
	s.hasher = NULL;
	tap_ok(!known(&s, "sparse").digest.known,
	    "who has been stopped is woken in vain");
	remove_file(&s, "sparse");
	close_share(&s);
	hasher_free(NULL);
}

int
main(void)
{
	test_files();
	test_by_heart();
	test_changing();
	test_more();
	test_in_use();
	test_end();
	return tap_done();
}
