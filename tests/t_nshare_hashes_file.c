#include "nshare/hashes_file.h"

#include <errno.h>
#include <unistd.h>

#include "dice.h"
#include "hashed.h"
#include "lib/sha256.h"
#include "tap.h"

static void
test_known_form(void)
{
	static const char want[] = "\x89NAPd\x02\x08\x52"
				   "\x01\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0"
				   "\x31\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0"
				   "\x03\0\0\0\0\0\0\0\xff\xc9\x9a\x3b"
				   "\x07\0\0\0";
	struct digest d = {.bytes = "abc", .known = true};
	struct stat st = hashed_stat(7, 3);
	struct hashes *h;
	char bytes[RECORD + 1];

	st.st_dev = 1;
	st.st_ino = 2;
	hashed_clear();
	h = hashed_kept();
	hashes_put(h, &st, &d);
	tap_is_num((long long)hashed_load(bytes, sizeof bytes), RECORD,
	    "a record has one size");
	tap_ok(memcmp(bytes, want, sizeof want - 1) == 0 &&
		memcmp(bytes + sizeof want - 1, d.bytes, DIGEST_BYTES) == 0,
	    "and one form on every machine");
	hashes_free(h);
}

/* As the first version wrote it. */
static void
make_first(char *record)
{
	struct digest digest;
	struct sha256 hash;

	memcpy(record, "\x89NAPdig\x01", 8);
	sha256_init(&hash);
	sha256_add(&hash, record, RECORD - 8);
	sha256_end(&hash, &digest);
	memcpy(record + RECORD - 8, digest.bytes, 8);
}

#define FIRSTS 1000

static void
test_first_version(void)
{
	char *bytes = calloc(FIRSTS, RECORD);
	struct hashes *h;

	hashed_write(FIRSTS);
	hashed_load(bytes, FIRSTS * RECORD);
	for (size_t i = 0; i < FIRSTS; i++)
		make_first(bytes + i * RECORD);
	bytes[RECORD + 20] ^= 1;
	hashed_save(bytes, 10 * RECORD);
	h = hashed_kept();
	tap_ok(hashed_known(h, 0, 10, 0) == 9 && !hashed_knows(h, 1, 0),
	    "sound records of the first version are believed");
	hashes_free(h);
	tap_is_num(hashed_size(FILE_NAME), 19 * RECORD,
	    "and written once more with a day");
	hashed_save(bytes, FIRSTS * RECORD);
	h = hashed_kept();
	tap_ok(hashed_known(h, 0, FIRSTS, 0) == FIRSTS - 1 &&
		hashed_size(FILE_NAME) == (FIRSTS - 1) * RECORD,
	    "a file of the first version is written anew");
	hashes_free(h);
	h = hashed_kept();
	tap_is_num((long long)hashed_known(h, 0, FIRSTS, 0), FIRSTS - 1,
	    "and all of it is there the next time");
	hashes_free(h);
	free(bytes);
}

#define WHOLE 6

/* Whether a file that was cut there is believed so far, and goes on. */
static bool
survives_cut(const char *bytes, size_t cut)
{
	size_t left = cut / RECORD;
	struct hashes *h;
	bool right;

	hashed_save(bytes, cut);
	h = hashed_kept();
	right = hashed_known(h, 0, WHOLE, 0) == left && hashes_count(h) == left;
	hashed_put(h, 100, 0);
	hashed_put(h, 101, 0);
	hashes_free(h);
	h = hashed_kept();
	right = right && hashed_known(h, 0, left, 0) == left &&
	    hashed_knows(h, 100, 0) && hashed_knows(h, 101, 0) &&
	    hashes_count(h) == left + 2;
	hashes_free(h);
	return right;
}

static void
test_cuts(void)
{
	char bytes[WHOLE * RECORD];
	bool right = true;

	hashed_write(WHOLE);
	hashed_load(bytes, sizeof bytes);
	for (size_t cut = sizeof bytes - 2 * RECORD; cut < sizeof bytes; cut++)
		right = right && survives_cut(bytes, cut);
	tap_ok(right,
	    "wherever a write was torn, all other records are believed, "
	    "before it and behind, and nothing else");
}

static void
test_flips(void)
{
	char bytes[3 * RECORD];
	bool right = true;

	hashed_write(3);
	hashed_load(bytes, sizeof bytes);
	for (size_t bit = RECORD * 8; bit < 2 * RECORD * 8; bit++) {
		struct hashes *h;

		bytes[bit / 8] ^= (char)(1 << bit % 8);
		hashed_save(bytes, sizeof bytes);
		h = hashed_kept();
		right = right && hashed_knows(h, 0, 0) &&
		    hashed_knows(h, 2, 0) && hashes_count(h) == 2;
		hashes_free(h);
		bytes[bit / 8] ^= (char)(1 << bit % 8);
	}
	tap_ok(right, "a record of which any one bit changed is not believed");
}

static void
test_magics(void)
{
	char bytes[2 * RECORD + 40];
	struct hashes *h;

	hashed_write(2);
	hashed_load(bytes, 2 * RECORD);
	memmove(bytes + RECORD + 40, bytes + RECORD, RECORD);
	for (size_t i = 0; i < 40; i++)
		bytes[RECORD + i] = bytes[i % 8];
	hashed_save(bytes, sizeof bytes);
	h = hashed_kept();
	tap_ok(hashed_knows(h, 0, 0) && hashed_knows(h, 1, 0) &&
		hashes_count(h) == 2,
	    "what only begins as a record does hides no record behind it");
	hashes_free(h);
}

#define RUBBISH (200 << 10)

static void
test_rubbish(void)
{
	char *bytes = calloc(1, 3 * RUBBISH);
	uint64_t seed = 5;
	struct hashes *h;
	bool right = true;

	hashed_write(1);
	hashed_load(bytes + 2 * RUBBISH, RECORD);
	for (size_t i = 0; i < 2 * RUBBISH; i++)
		bytes[i] = (char)dice_draw(&seed, 256);
	hashed_save(bytes, RUBBISH);
	h = hashed_kept();
	tap_ok(hashes_count(h) == 0, "of rubbish nothing is believed");
	tap_is_num(hashed_size(FILE_NAME), 0, "and nothing of it remains");
	hashed_put(h, 3, 0);
	hashes_free(h);
	h = hashed_kept();
	tap_ok(hashed_knows(h, 3, 0), "what comes then is kept");
	hashes_free(h);
	/* Pieces are as long as 4,096 records: the record lies across two. */
	for (size_t at = 4095 * RECORD; at <= 4096 * RECORD; at++) {
		memcpy(bytes + at, bytes + 2 * RUBBISH, RECORD);
		hashed_save(bytes, 2 * RUBBISH);
		memset(bytes + at, 'x', RECORD);
		h = hashed_kept();
		right = right && hashed_knows(h, 0, 0) &&
		    hashes_count(h) == 1 && hashed_size(FILE_NAME) == RECORD;
		hashes_free(h);
	}
	tap_ok(right, "a record in the middle of it is, wherever it lies");
	free(bytes);
}

/* Whether what stands there is refused, and all goes on without. */
static void
is_refused(const char *command, int error, const char *sentence)
{
	struct hashes *h = hashed_new();

	hashed_run(command);
	errno = 0;
	hashed_put(h, 1, 0);
	if (!tap_ok(hashes_keep(h, FILE_NAME, HASHED_NOW) < 0 &&
		    errno == error && hashed_put(h, 2, 0) &&
		    hashed_known(h, 1, 2, 0) == 2,
		"%s", sentence))
		tap_note("errno is %d", errno);
	hashes_free(h);
	hashed_run("rm -rf " FILE_NAME);
}

static void
test_refusals(void)
{
	struct stat st;

	hashed_write(0);
	is_refused("touch cache/other; ln -sf ../other " FILE_NAME, ELOOP,
	    "a symbolic link is refused");
	tap_is_num(
	    hashed_size("cache/other"), 0, "what it leads to is as it was");
	is_refused("rm -f " FILE_NAME "; mkfifo -m 600 " FILE_NAME, EPERM,
	    "a FIFO is refused, and not waited for");
	is_refused("mkdir -m 700 " FILE_NAME, EISDIR, "so is a directory");
	is_refused("touch " FILE_NAME "; chmod 620 " FILE_NAME, EPERM,
	    "so is a file that its group may write");
	is_refused(
	    "touch " FILE_NAME "; chmod 602 " FILE_NAME, EPERM, "or others");
	is_refused("rmdir cache/naputils; touch cache/naputils", ENOTDIR,
	    "so is a path through a file");
	hashed_clear();
	tap_ok(stat("cache", &st) < 0, "nothing of it is left");
	if (geteuid() != 0) {
		tap_ok(true, "only root can give files away # SKIP");
		return;
	}
	hashed_write(1);
	is_refused(
	    "chown 65534 " FILE_NAME, EPERM, "so is a file of somebody else's");
}

/* The hole in the middle costs no disk. */
static void
test_largest(void)
{
	const off_t size = (off_t)HASHES_FILE_MOST * RECORD;
	struct hashes *h;

	hashed_write(1);
	if (truncate(FILE_NAME, size) < 0) {
		tap_ok(true, "no file of 384 MB can be made # SKIP");
		return;
	}
	h = hashed_new();
	hashed_put(h, 1, 0);
	hashed_put(h, 2, 0);
	tap_ok(hashes_keep(h, FILE_NAME, HASHED_NOW) == 0 &&
		hashed_known(h, 0, 3, 0) == 3,
	    "the first of four million records is read");
	tap_is_num(
	    hashed_size(FILE_NAME), 3 * RECORD, "and a hole behind it dropped");
	hashes_free(h);
	hashed_write(1);
	h = hashed_new();
	if (truncate(FILE_NAME, size + 1) < 0)
		perror(FILE_NAME);
	tap_ok(
	    hashes_keep(h, FILE_NAME, HASHED_NOW) == 0 && hashes_count(h) == 0,
	    "what stands before the last four million is forgotten");
	hashes_free(h);
}

int
main(void)
{
	char top[4000];

	hashed_begin(top, sizeof top);
	test_known_form();
	test_first_version();
	test_cuts();
	test_flips();
	test_magics();
	test_rubbish();
	test_refusals();
	test_largest();
	hashed_end(top);
	return tap_done();
}
