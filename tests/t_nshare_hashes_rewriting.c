#include "nshare/hashes.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hashed.h"
#include "tap.h"

/* The file while it is written anew, or cannot be. */

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
test_full_disk_rewriting(void)
{
	struct hashes *h;
	int saved, said;

	hashes_free(write_wasteful());
	said = begin_full_disk(50 * RECORD, &saved);
	h = hashed_kept();
	tap_ok(hashed_known(h, 0, 100, 19) == 100 &&
		hashed_size(FILE_NAME) == 2000 * RECORD,
	    "when the disk is full meanwhile, the file stays as it is");
	tap_is_num(
	    hashed_size(FILE_NAME ".new"), -1, "and nothing is left beside it");
	tap_is_num(end_full_disk(said, saved), 0, "nor is that worth a word");
	hashed_put(h, 100, 19);
	tap_is_num(hashed_size(FILE_NAME), 2001 * RECORD,
	    "it is appended to as before");
	hashes_free(h);
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

int
main(void)
{
	char top[4000];

	hashed_begin(top, sizeof top);
	test_full_disk();
	test_rewriting();
	test_full_disk_rewriting();
	test_lock();
	test_writer_and_keeper();
	test_small();
	hashed_end(top);
	return tap_done();
}
