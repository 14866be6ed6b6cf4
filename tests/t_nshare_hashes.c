#include "nshare/hashes.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
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

/* Standard error into a pipe, while nothing may grow past size bytes. */
static int
begin_full_disk(rlim_t size, int *saved)
{
	struct rlimit limit;
	int ends[2];

	if (pipe(ends) < 0)
		exit(1);
	*saved = dup(STDERR_FILENO);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = size;
	setrlimit(RLIMIT_FSIZE, &limit);
	return ends[0];
}

/* How many lines were said. */
static int
end_full_disk(int said, int saved)
{
	struct rlimit limit;
	char text[4096];
	ssize_t n;
	int lines = 0;

	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_FSIZE, &limit);
	dup2(saved, STDERR_FILENO);
	close(saved);
	while ((n = read(said, text, sizeof text)) > 0)
		for (ssize_t i = 0; i < n; i++)
			lines += text[i] == '\n';
	close(said);
	return lines;
}

static void
test_full_disk(void)
{
	int saved, said;
	struct hashes *h;
	bool right = true;

	hashed_write(10);
	h = hashed_kept();
	said = begin_full_disk(15 * RECORD + RECORD / 2, &saved);
	for (uint64_t i = 10; i < 100; i++)
		right = right && hashed_put(h, i, 0);
	tap_is_num(end_full_disk(said, saved), 1, "a full disk is told once");
	tap_ok(right && hashed_known(h, 0, 100, 0) == 100,
	    "and all goes on in memory");
	hashed_put(h, 200, 0);
	tap_is_num(hashed_size(FILE_NAME), 15 * RECORD + RECORD / 2,
	    "nothing more is appended, even if it could be");
	tap_ok(hashes_keep(h, FILE_NAME, HASHED_NOW) < 0 && errno == ENOSPC,
	    "nor may it be tried again");
	hashes_free(h);
	h = hashed_kept();
	tap_ok(hashed_known(h, 0, 15, 0) == 15 && hashes_count(h) == 15,
	    "what was written is there the next time");
	hashes_free(h);
}

/* A file of 2,000 records, of which the last 100 count, still open. */
static struct hashes *
write_wasteful(void)
{
	struct hashes *h;

	hashed_clear();
	h = hashed_kept();
	for (uint64_t version = 0; version < 20; version++)
		for (uint64_t i = 0; i < 100; i++)
			hashed_put(h, i, version);
	return h;
}

static void
test_rewriting(void)
{
	struct hashes *early = write_wasteful(), *h;
	struct stat st;

	tap_is_num(hashed_size(FILE_NAME), 2000 * RECORD, "a file grows");
	hashed_run("touch " FILE_NAME ".new");
	h = hashed_kept();
	tap_is_num(hashed_size(FILE_NAME), 100 * RECORD,
	    "what is out of date in most of it is dropped");
	tap_ok(stat(FILE_NAME, &st) == 0 && (st.st_mode & 07777) == 0600,
	    "the new file is for its owner alone too");
	tap_is_num(hashed_size(FILE_NAME ".new"), -1,
	    "of what somebody left beside it, nothing is left");
	hashed_put(h, 100, 19);
	hashes_free(h);
	h = hashed_kept();
	tap_is_num((long long)hashed_known(h, 0, 101, 19), 101,
	    "what is up to date is kept, and what comes then");
	hashes_free(h);
	hashed_put(early, 200, 19);
	tap_ok(hashed_size(FILE_NAME) == 102 * RECORD &&
		hashed_knows(early, 100, 19),
	    "who has the old file open goes on with the new one");
	hashes_free(early);
}

static void
test_lock(void)
{
	struct hashes *h;
	int fd;

	hashes_free(write_wasteful());
	fd = open(FILE_NAME, O_RDWR);
	flock(fd, LOCK_EX);
	h = hashed_kept();
	tap_ok(hashed_known(h, 0, 100, 19) == 100 &&
		hashed_size(FILE_NAME) == 2000 * RECORD,
	    "while another is at it, a file is read as it is");
	hashed_put(h, 100, 19);
	tap_ok(
	    hashed_size(FILE_NAME) == 2000 * RECORD && hashed_knows(h, 100, 19),
	    "and what is put has to wait");
	close(fd);
	hashes_tend(h, HASHED_NOW);
	tap_is_num(
	    hashed_size(FILE_NAME), 2001 * RECORD, "until the other is done");
	tap_ok(hashes_keep(h, FILE_NAME, HASHED_NOW) == 0 &&
		hashed_size(FILE_NAME) == 101 * RECORD,
	    "and written anew another time");
	hashes_free(h);
}

/* Files that come and are put three times each, while another looks. */
static void
test_writer_and_keeper(void)
{
	int status = -1, done[2], go[2];
	struct hashes *h;
	char byte;
	pid_t pid;

	hashed_clear();
	hashes_free(hashed_kept());
	if (pipe2(done, O_NONBLOCK) < 0 || pipe(go) < 0)
		exit(1);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		bool right = true;

		h = hashed_kept();
		for (uint64_t i = 0; i < 3000; i++)
			for (uint64_t version = 0; version < 3; version++)
				right = right && hashed_put(h, i, version);
		right = right && write(done[1], "", 1) == 1 &&
		    read(go[0], &byte, 1) == 1;
		hashes_tend(h, HASHED_NOW);
		hashes_free(h);
		_exit(!right);
	}
	while (read(done[0], &byte, 1) < 0)
		hashes_free(hashed_kept());
	if (write(go[1], "", 1) < 0)
		perror("pipe");
	waitpid(pid, &status, 0);
	h = hashed_kept();
	tap_ok(status == 0 && hashed_known(h, 0, 3000, 2) == 3000,
	    "nothing is lost of what is appended while another writes anew");
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
test_small(void)
{
	struct hashes *h;

	hashed_clear();
	h = hashed_kept();
	for (uint64_t version = 0; version < 600; version++)
		hashed_put(h, 1, version);
	hashes_free(h);
	h = hashed_kept();
	tap_ok(
	    hashed_size(FILE_NAME) == 600 * RECORD && hashed_knows(h, 1, 599),
	    "a small file is left as it is");
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
	test_full_disk();
	test_rewriting();
	test_lock();
	test_writer_and_keeper();
	test_removed();
	test_days();
	test_clocks();
	test_late_use();
	test_others();
	test_small();
	test_path();
	test_threads();
	hashed_end(top);
	return tap_done();
}
