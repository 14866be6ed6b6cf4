#include "hasher.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "catalogue.h"
#include "facts.h"
#include "hashes.h"
#include "lib/cond.h"
#include "lib/log.h"
#include "lib/sha256.h"
#include "open.h"
#include "slots.h"

/* It begins so late at the latest. */
#define BEGIN_MS 10000

#define READ_BYTES ((size_t)256 * 1024)

/* How long it rests after each read while transfers run. */
#define GIVE_WAY_MS 20

/*
 * The clock of a file system may stand still for so long: of a file that
 * changed less long ago, a later change may not show.
 */
#define TICK_MS 100
#define COARSE_TICK_MS 2000

/* A file that changes so often while it is read is left alone for a while. */
#define TRIES 3
#define AGAIN_MS 5000

/* It looks for more files no more often than that. */
#define PAUSE_MS 100

struct hasher {
	struct hasher_spec spec;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t told;
	bool woken; /* since the last look for files */
	atomic_bool over;
	uint64_t read; /* bytes */
	struct catalogue_copy file; /* at present */
	char bytes[READ_BYTES];
};

/* Until it is time, or over. */
static void
rest(struct hasher *h, int64_t ms)
{
	pthread_mutex_lock(&h->lock);
	while (ms > 0 && !atomic_load(&h->over))
		ms = cond_wait(&h->told, &h->lock, ms);
	pthread_mutex_unlock(&h->lock);
}

/* Until it is woken, or over, or ms have passed. */
static void
wait_for_more(struct hasher *h, int64_t ms)
{
	pthread_mutex_lock(&h->lock);
	while (ms > 0 && !h->woken && !atomic_load(&h->over))
		ms = cond_wait(&h->told, &h->lock, ms);
	h->woken = false;
	pthread_mutex_unlock(&h->lock);
}

static ssize_t
read_some(int fd, char *to)
{
	ssize_t n;

	do {
		n = read(fd, to, READ_BYTES);
	} while (n < 0 && errno == EINTR);
	return n;
}

/* Read all of fd. 0, or -1 with errno, ECANCELED when it is over. */
static int
digest_file(struct hasher *h, int fd, struct digest *digest)
{
	struct sha256 hash;
	ssize_t n;

	sha256_init(&hash);
	while ((n = read_some(fd, h->bytes)) > 0) {
		sha256_add(&hash, h->bytes, (size_t)n);
		h->read += (uint64_t)n;
		if (slots_busy(h->spec.slots) > 0)
			rest(h, GIVE_WAY_MS);
		if (atomic_load(&h->over)) {
			errno = ECANCELED;
			return -1;
		}
	}
	if (n < 0)
		return -1;
	sha256_end(&hash, digest);
	return 0;
}

static int64_t
ms_since(struct timespec then)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (now.tv_sec - then.tv_sec) * (int64_t)1000 +
	    (now.tv_nsec - then.tv_nsec) / 1000000;
}

/* How long a time may stand still: where there are whole seconds, for one. */
static int64_t
tick_ms(const struct stat *st)
{
	bool coarse = st->st_ctim.tv_nsec == 0 && st->st_mtim.tv_nsec == 0;

	return coarse ? COARSE_TICK_MS : TICK_MS;
}

/* Let the clock of a file that changed just now move on. */
static void
let_time_pass(struct hasher *h, const struct stat *st)
{
	int64_t age = ms_since(st->st_ctim), tick = tick_ms(st);

	if (age >= 0 && age < tick)
		rest(h, tick - age);
}

/*
 * The digest of a file that did not change while it was read, and how that
 * stands. 0, or -1 with errno, EAGAIN when it does change.
 */
static int
digest_unchanged(
    struct hasher *h, int fd, struct stat *st, struct digest *digest)
{
	struct facts before, after;

	for (int i = 0; i < TRIES; i++) {
		let_time_pass(h, st);
		if (fstat(fd, st) < 0 || lseek(fd, 0, SEEK_SET) < 0)
			return -1;
		before = facts_of(st);
		if (digest_file(h, fd, digest) < 0 || fstat(fd, st) < 0)
			return -1;
		after = facts_of(st);
		if (facts_eq(&before, &after))
			return 0;
	}
	errno = EAGAIN;
	return -1;
}

/* By heart, or by reading. 0, or -1 with errno. */
static int
find_digest(struct hasher *h, int fd, struct stat *st, struct digest *digest)
{
	if (hashes_find(h->spec.hashes, st, digest))
		return 0;
	if (digest_unchanged(h, fd, st, digest) < 0)
		return -1;
	return hashes_put(h->spec.hashes, st, digest);
}

static int
learn(struct hasher *h, const struct stat *st, const struct digest *digest)
{
	const struct catalogue_file file = {
	    .size = (uint64_t)st->st_size,
	    .mtime = st->st_mtime > 0 ? st->st_mtime : 0,
	    .digest = *digest,
	};
	int news = catalogue_learn(h->spec.files, &h->file, &file);

	if (news > 0)
		h->spec.learned(h->spec.arg);
	return news < 0 ? -1 : 0;
}

/* The file at present. 0, or -1 with errno. */
static int
hash(struct hasher *h)
{
	struct digest digest;
	struct stat st;
	int result, fd = open_file(h->spec.root, h->file.file.path, &st);

	if (fd < 0)
		return -1;
	result = find_digest(h, fd, &st, &digest);
	close(fd);
	return result < 0 ? -1 : learn(h, &st, &digest);
}

/* What others do comes first, on the processor and on the disk. */
static void
step_back(void)
{
	const long of_this_thread = 1, idle_class = 3 << 13;

	(void)setpriority(PRIO_PROCESS, 0, PRIO_MAX);
	(void)syscall(SYS_ioprio_set, of_this_thread, 0L, idle_class);
}

/* It changes, or something is short at the moment. */
static bool
is_passing(int error)
{
	return error == EAGAIN || error == EINTR || error == EMFILE ||
	    error == ENFILE || error == ENOMEM || error == ESTALE;
}

/* What passes is tried again; what else is wrong with it stays so. */
static size_t
give_up(struct hasher *h, int error)
{
	if (error == ECANCELED)
		return 0;
	log_debug("no digest of '%s': %s", h->file.path, strerror(error));
	if (!is_passing(error))
		catalogue_spare(h->spec.files, &h->file);
	return is_passing(error);
}

/* All files whose digest is not known. Returns how many are changing. */
static size_t
hash_all(struct hasher *h)
{
	size_t place = 0, changing = 0;

	while (!atomic_load(&h->over) &&
	    catalogue_unhashed(h->spec.files, &place, &h->file))
		if (hash(h) < 0)
			changing += give_up(h, errno);
	return changing;
}

static void *
run(void *hasher)
{
	struct hasher *h = hasher;
	size_t changing;

	step_back();
	wait_for_more(h, BEGIN_MS);
	while (!atomic_load(&h->over)) {
		/* What is known to be in use by now; files may take hours. */
		hashes_tend(h->spec.hashes, time(NULL));
		changing = hash_all(h);
		hashes_tend(h->spec.hashes, time(NULL));
		if (changing == 0 && !atomic_load(&h->over))
			log_debug("no digest is missing, %llu bytes were read "
				  "for it",
			    (unsigned long long)h->read);
		rest(h, PAUSE_MS);
		wait_for_more(h, changing > 0 ? AGAIN_MS : COND_FOREVER);
	}
	return NULL;
}

struct hasher *
hasher_new(const struct hasher_spec *spec)
{
	struct hasher *h = calloc(1, sizeof *h);
	int error;

	if (!h)
		return NULL;
	h->spec = *spec;
	pthread_mutex_init(&h->lock, NULL);
	cond_init(&h->told);
	error = pthread_create(&h->thread, NULL, run, h);
	if (error == 0)
		return h;
	free(h);
	errno = error;
	return NULL;
}

void
hasher_wake(struct hasher *h)
{
	pthread_mutex_lock(&h->lock);
	h->woken = true;
	pthread_cond_signal(&h->told);
	pthread_mutex_unlock(&h->lock);
}

void
hasher_stop(struct hasher *h)
{
	if (!h || atomic_load(&h->over))
		return;
	atomic_store(&h->over, true);
	hasher_wake(h);
	pthread_join(h->thread, NULL);
}

void
hasher_free(struct hasher *h)
{
	if (!h)
		return;
	hasher_stop(h);
	pthread_cond_destroy(&h->told);
	pthread_mutex_destroy(&h->lock);
	free(h);
}
