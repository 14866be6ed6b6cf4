#include "hashed.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "tap.h"

void
hashed_begin(char *top, size_t size)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(top, size, "%s/t_hashes.XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(top) || chdir(top) < 0) {
		perror(top);
		exit(1);
	}
}

void
hashed_run(const char *command)
{
	if (system(command) != 0)
		tap_note("%s failed", command);
}

void
hashed_end(const char *top)
{
	char command[4096];

	snprintf(command, sizeof command, "rm -rf '%s'", top);
	if (chdir("/") == 0)
		hashed_run(command);
}

void
hashed_clear(void)
{
	hashed_run("rm -rf cache");
}

struct stat
hashed_stat(uint64_t i, uint64_t version)
{
	return (struct stat){
	    .st_dev = (dev_t)(i % 3),
	    .st_ino = (ino_t)(i / 3 + 1),
	    .st_size = (off_t)(i * 7),
	    .st_mtim = {.tv_sec = -5 + (time_t)i, .tv_nsec = 999999999},
	    .st_ctim = {.tv_sec = (time_t)version, .tv_nsec = (long)i},
	};
}

struct digest
hashed_digest(uint64_t i, uint64_t version)
{
	struct digest d = {.known = true};

	memset(d.bytes, (int)(i * 31 + version), sizeof d.bytes);
	memcpy(d.bytes, &i, sizeof i);
	memcpy(d.bytes + sizeof i, &version, sizeof version);
	return d;
}

bool
hashed_put(struct hashes *h, uint64_t i, uint64_t version)
{
	struct stat st = hashed_stat(i, version);
	struct digest d = hashed_digest(i, version);

	return hashes_put(h, &st, &d) == 0;
}

bool
hashed_knows(struct hashes *h, uint64_t i, uint64_t version)
{
	struct stat st = hashed_stat(i, version);
	struct digest found, want = hashed_digest(i, version);

	return hashes_find(h, &st, &found) && digest_eq(&found, &want);
}

size_t
hashed_known(struct hashes *h, uint64_t first, size_t count, uint64_t version)
{
	size_t known = 0;

	for (uint64_t i = first; i < first + count; i++)
		known += hashed_knows(h, i, version);
	return known;
}

struct hashes *
hashed_new(void)
{
	struct hashes *h = hashes_new();

	if (!h)
		exit(1);
	return h;
}

struct hashes *
hashed_kept_later(int days)
{
	struct hashes *h = hashed_new();

	if (hashes_keep(h, FILE_NAME, HASHED_NOON(days)) < 0) {
		tap_note("the file is refused: %s", strerror(errno));
		exit(1);
	}
	return h;
}

struct hashes *
hashed_kept(void)
{
	return hashed_kept_later(0);
}

long long
hashed_size(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (long long)st.st_size : -1;
}

size_t
hashed_load(char *bytes, size_t size)
{
	int fd = open(FILE_NAME, O_RDONLY);
	ssize_t n = read(fd, bytes, size);

	close(fd);
	return n < 0 ? 0 : (size_t)n;
}

void
hashed_save(const char *bytes, size_t size)
{
	int fd = open(FILE_NAME, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size)
		perror(FILE_NAME);
	close(fd);
}

void
hashed_write(size_t count)
{
	struct hashes *h;

	hashed_clear();
	h = hashed_kept();
	for (uint64_t i = 0; i < count; i++)
		hashed_put(h, i, 0);
	hashes_free(h);
}
