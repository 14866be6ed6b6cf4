#include "nshare/hashes.h"

#include <errno.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dice.h"
#include "hashed.h"
#include "tap.h"

static bool
knows_exactly(struct hashes *h, const struct stat *st)
{
	struct digest d = {.known = true};

	return hashes_find(h, st, &d) && d.known;
}

static void
test_facts(void)
{
	struct hashes *h = hashed_new();
	struct stat st = hashed_stat(9, 1), other[8];
	struct digest d = hashed_digest(9, 1), none = {.known = true};
	bool unknown = true;

	tap_ok(!hashes_find(h, &st, &none) && !none.known,
	    "at first nothing is known");
	hashes_put(h, &st, &d);
	tap_ok(hashed_knows(h, 9, 1), "what was put is found");
	for (size_t i = 0; i < 8; i++)
		other[i] = st;
	other[0].st_dev++;
	other[1].st_ino++;
	other[2].st_size++;
	other[3].st_mtim.tv_sec++;
	other[4].st_mtim.tv_nsec--;
	other[5].st_ctim.tv_sec--;
	other[6].st_ctim.tv_nsec++;
	other[7].st_atim.tv_sec++;
	for (size_t i = 0; i < 7; i++)
		unknown = unknown && !knows_exactly(h, &other[i]);
	tap_ok(unknown, "of a file with any other fact nothing is known");
	tap_ok(knows_exactly(h, &other[7]), "who reads a file changes nothing");
	hashed_put(h, 9, 2);
	tap_ok(hashed_knows(h, 9, 2) && !hashed_knows(h, 9, 1) &&
		hashes_count(h) == 1,
	    "a digest takes the place of an older one of its inode");
	d.known = false;
	tap_ok(hashes_put(h, &st, &d) < 0 && errno == EINVAL &&
		hashed_knows(h, 9, 2),
	    "an unknown digest cannot be put");
	hashes_free(h);
	hashes_free(NULL);
}

#define MANY 5000

static void
test_many(void)
{
	uint64_t seed = 1, versions[MANY] = {0};
	struct hashes *h = hashed_new();
	size_t count = 0;
	bool right = true;

	for (int i = 0; i < 4 * MANY; i++) {
		uint32_t which = dice_draw(&seed, MANY);

		count += versions[which] == 0;
		right = right && hashed_put(h, which, ++versions[which]);
	}
	for (uint64_t i = 0; i < MANY; i++)
		for (uint64_t v = 0; v <= versions[i]; v++)
			right = right &&
			    hashed_knows(h, i, v) ==
				(v > 0 && v == versions[i]);
	tap_ok(right, "of many files the last versions are known alone");
	tap_is_num((long long)hashes_count(h), (long long)count,
	    "and each inode counts once");
	hashes_free(h);
}

static void
test_keep(void)
{
	struct hashes *h = hashed_new();
	struct stat st;

	hashed_clear();
	hashed_put(h, 500, 0);
	tap_ok(hashes_keep(h, FILE_NAME, HASHED_NOW) == 0,
	    "the directories are made");
	tap_ok(stat(FILE_NAME, &st) == 0 && (st.st_mode & 07777) == 0600,
	    "a file is for its owner alone");
	tap_ok(stat("cache", &st) == 0 && (st.st_mode & 07777) == 0700,
	    "so is every directory that was made");
	for (uint64_t i = 0; i < 100; i++)
		hashed_put(h, i, 0);
	hashed_put(h, 7, 1);
	hashed_put(h, 7, 1);
	hashes_free(h);
	tap_is_num(hashed_size(FILE_NAME), 102 * RECORD,
	    "what is known already is not written again");
	h = hashed_kept();
	tap_ok(hashed_known(h, 0, 100, 0) == 99 && hashed_knows(h, 7, 1),
	    "what was put is there the next time, the last of an inode");
	tap_ok(hashed_knows(h, 500, 0),
	    "even what was put before there was a file");
	tap_is_num((long long)hashes_count(h), 101, "and nothing else is");
	hashes_free(h);
}

/* A child that puts so many files, from the first on, and exits with 0. */
static pid_t
begin_writer(uint64_t first, size_t count)
{
	pid_t pid = fork();
	struct hashes *h;
	bool right = true;

	if (pid != 0)
		return pid;
	h = hashed_kept();
	for (uint64_t i = first; i < first + count; i++)
		right = right && hashed_put(h, i, 0);
	hashes_free(h);
	_exit(!right);
}

static void
test_writers(void)
{
	pid_t a, b;
	int status[2] = {-1, -1};
	struct hashes *h;

	hashed_clear();
	fflush(stdout);
	a = begin_writer(0, 5000);
	b = begin_writer(5000, 5000);
	waitpid(a, &status[0], 0);
	waitpid(b, &status[1], 0);
	tap_ok(status[0] == 0 && status[1] == 0, "two write at once");
	h = hashed_kept();
	tap_is_num((long long)hashed_known(h, 0, 10000, 0), 10000,
	    "and all that both wrote is there");
	tap_is_num(hashed_size(FILE_NAME), 10000 * RECORD, "and no more");
	hashes_free(h);
}

/* It would change with each digest of it, and be read again. */
static void
test_itself(void)
{
	struct hashes *h;
	struct digest digest = hashed_digest(7, 7);
	struct stat st;

	hashed_write(5);
	h = hashed_kept();
	tap_ok(stat(FILE_NAME, &st) == 0 && hashes_put(h, &st, &digest) == 0 &&
		hashed_size(FILE_NAME) == 5 * RECORD &&
		!hashes_find(h, &st, &digest),
	    "of the file itself no digest is kept");
	hashes_free(h);
}

static void
test_removed(void)
{
	struct hashes *h;

	hashed_write(5);
	h = hashed_kept();
	hashed_run("rm " FILE_NAME);
	hashed_put(h, 5, 0);
	tap_is_num(hashed_size(FILE_NAME), 6 * RECORD,
	    "a file that was removed is made again, with all that is known");
	hashes_free(h);
}

static void
test_days(void)
{
	struct hashes *h;

	hashed_write(2000);
	h = hashed_kept_later(HASHES_REFRESH_DAYS - 1);
	hashed_known(h, 0, 900, 0);
	hashes_tend(h, HASHED_NOON(HASHES_REFRESH_DAYS - 1));
	tap_is_num(hashed_size(FILE_NAME), 2000 * RECORD,
	    "what was found a short while ago is not written again");
	hashes_tend(h, HASHED_NOON(HASHES_REFRESH_DAYS));
	hashed_known(h, 0, 900, 0);
	hashed_known(h, 900, 1100, 1);
	hashes_tend(h, HASHED_NOON(HASHES_REFRESH_DAYS));
	hashes_tend(h, HASHED_NOON(HASHES_REFRESH_DAYS));
	tap_is_num(hashed_size(FILE_NAME), 2900 * RECORD,
	    "what is found a month later is, once, and what is not found is "
	    "not");
	hashes_free(h);
	h = hashed_kept_later(HASHES_DAYS);
	tap_ok(
	    hashes_count(h) == 2000 && hashed_size(FILE_NAME) == 2900 * RECORD,
	    "what was not found for half a year is there still");
	hashes_tend(h, HASHED_NOON(HASHES_DAYS + 1));
	tap_is_num(hashed_size(FILE_NAME), 900 * RECORD,
	    "and the day after it is dropped, while all goes on");
	hashes_free(h);
	h = hashed_kept_later(HASHES_DAYS + 1);
	tap_ok(hashed_known(h, 0, 900, 0) == 900 && hashes_count(h) == 900,
	    "what was found since then is kept");
	hashes_free(h);
}

static void
test_clocks(void)
{
	struct hashes *h;

	hashed_clear();
	h = hashed_kept_later(-HASHED_DAY);
	hashed_put(h, 0, 0);
	hashes_free(h);
	h = hashed_kept_later(3 * HASHES_DAYS);
	hashed_put(h, 1, 0);
	tap_ok(hashed_knows(h, 0, 0),
	    "what was put before the clock was set does not count as old");
	hashes_free(h);
	h = hashed_kept();
	tap_ok(hashed_known(h, 0, 2, 0) == 2,
	    "nor is what comes from the future believed the less");
	hashes_free(h);
}

/* A file of which most is old, though all is in use. */
static void
test_late_use(void)
{
	struct hashes *h;

	hashed_write(2000);
	h = hashed_kept_later(2 * HASHES_DAYS);
	tap_ok(
	    hashed_size(FILE_NAME) == 0 && hashed_known(h, 0, 2000, 0) == 2000,
	    "what is dropped from the file is found that once still");
	hashes_tend(h, HASHED_NOON(2 * HASHES_DAYS));
	tap_is_num(hashed_size(FILE_NAME), 2000 * RECORD,
	    "and is kept again when it was");
	hashes_free(h);
}

static void
test_others(void)
{
	struct hashes *h, *other;

	hashed_write(3);
	h = hashed_kept();
	other = hashed_kept();
	hashed_put(other, 3, 0);
	hashes_tend(h, HASHED_NOW);
	tap_ok(
	    !hashed_knows(h, 3, 0), "what another puts is not known at once");
	hashes_tend(h, HASHED_NOON(1));
	tap_ok(hashed_knows(h, 3, 0), "but the next day");
	hashes_free(other);
	hashes_free(h);
}

static void
leads_to(
    const char *cache, const char *home, const char *want, const char *sentence)
{
	char *path;

	unsetenv("XDG_CACHE_HOME");
	unsetenv("HOME");
	if (cache)
		setenv("XDG_CACHE_HOME", cache, 1);
	if (home)
		setenv("HOME", home, 1);
	path = hashes_path();
	tap_is_str(path ? path : "none", want, sentence);
	free(path);
}

static void
test_path(void)
{
	static const char below_home[] = "/h/.cache/naputils/digests";

	leads_to("/c", "/h", "/c/naputils/digests",
	    "the file lies in the directory for caches");
	leads_to("/c", NULL, "/c/naputils/digests", "whatever home is");
	leads_to(NULL, "/h", below_home, "or else in the one below home");
	leads_to("", "/h", below_home, "as with an empty variable");
	leads_to("c", "/h", below_home, "or one that is not absolute");
	leads_to(NULL, NULL, "none", "without a home there is none");
	leads_to("", "", "none", "nor with an empty one");
	leads_to("c", "h", "none", "nor with one that is not absolute");
}

#define THREADS 4
#define EACH 3000

struct worker {
	pthread_t thread;
	struct hashes *h;
	uint64_t first;
	bool right;
};

/* Find what it put, while others put; all put what is everybody's. */
static void *
work(void *arg)
{
	struct worker *w = arg;

	w->right = true;
	for (uint64_t i = w->first; i < w->first + EACH; i++) {
		w->right = w->right && hashed_put(w->h, i, 0) &&
		    hashed_knows(w->h, i, 0) &&
		    hashed_knows(w->h, w->first, 0) &&
		    !hashed_knows(w->h, i, 1);
		hashed_put(w->h, THREADS * EACH + i % 10, i);
		if (i % 1000 == 500 &&
		    hashes_keep(w->h, FILE_NAME, HASHED_NOW) < 0)
			w->right = false;
	}
	return NULL;
}

static void
test_threads(void)
{
	struct worker workers[THREADS];
	bool right = true;
	struct hashes *h;

	hashed_clear();
	h = hashed_kept();
	for (size_t i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){.h = h, .first = i * EACH};
		pthread_create(&workers[i].thread, NULL, work, &workers[i]);
	}
	for (size_t i = 0; i < THREADS; i++) {
		pthread_join(workers[i].thread, NULL);
		right = right && workers[i].right;
	}
	tap_ok(right, "four threads put, find and look again at once");
	tap_is_num((long long)hashes_count(h), THREADS * EACH + 10,
	    "and all that they put is there");
	hashes_free(h);
	h = hashed_kept();
	tap_is_num((long long)hashed_known(h, 0, THREADS * EACH, 0),
	    THREADS * EACH, "the next time too");
	hashes_free(h);
}

int
main(void)
{
	char top[4000];

	hashed_begin(top, sizeof top);
	test_facts();
	test_many();
	test_keep();
	test_writers();
	test_itself();
	test_removed();
	test_days();
	test_clocks();
	test_late_use();
	test_others();
	test_path();
	test_threads();
	hashed_end(top);
	return tap_done();
}
