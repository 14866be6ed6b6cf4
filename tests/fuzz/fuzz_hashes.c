#include "nshare/hashes.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nshare/hashes_file.h"
#include "tests/fuzz/fuzz.h"

/*
 * Lines that write the file in which digests are kept, by their first byte:
 *
 *	r N	a record of the file N / 4 as it was found the N % 4th time
 *	c N	N bytes less
 *	f N	the Nth bit from the end is another
 *	z N	N zeroes
 *	m	what begins a record
 *	t TEXT	the text
 */
#define RECORD HASHES_RECORD_BYTES
#define BYTES (256 * 1024)
#define FILES 64
#define VERSIONS 4
#define RECORDS (FILES * VERSIONS)
#define MAGIC_BYTES 6

/* All of it happens on one day. */
#define DAY 21000
#define NOW ((time_t)DAY * 86400)

/* A file is written anew when it is larger, and less than half is of use. */
#define SMALL_BYTES (64 * 1024)

/* A directory of our own, and in it the file. */
struct place {
	char top[64];
	char path[80];
};

static struct hashes_entry
entry_of(uint64_t number)
{
	uint64_t file = number / VERSIONS % FILES, version = number % VERSIONS;
	struct hashes_entry e = {.facts = {.device = file % 2,
				     .inode = file,
				     .size = 7 * file,
				     .mtime = (int64_t)version - 2,
				     .ctime = (int64_t)version,
				     .mtime_ns = (uint32_t)number}};

	memset(e.digest, (int)number, sizeof e.digest);
	e.facts.mtime_ns %= RECORDS;
	return e;
}

static struct stat
stat_of(const struct facts *f)
{
	return (struct stat){
	    .st_dev = (dev_t)f->device,
	    .st_ino = (ino_t)f->inode,
	    .st_size = (off_t)f->size,
	    .st_mtim = {.tv_sec = f->mtime, .tv_nsec = f->mtime_ns},
	    .st_ctim = {.tv_sec = f->ctime, .tv_nsec = f->ctime_ns},
	};
}

static void
begin(struct place *p)
{
	const char *tmp = getenv("TMPDIR");

	if (!tmp || strlen(tmp) > 32)
		tmp = "/tmp";
	snprintf(p->top, sizeof p->top, "%s/fuzz_hashes.XXXXXX", tmp);
	if (!mkdtemp(p->top))
		abort();
	snprintf(p->path, sizeof p->path, "%s/digests", p->top);
}

static void
end(const struct place *p)
{
	unlink(p->path);
	rmdir(p->top);
}

/* All that is in the file, until the next call. */
static struct slice
load(const struct place *p)
{
	static char bytes[2 * BYTES];
	int fd = open(p->path, O_RDONLY);
	ssize_t n = read(fd, bytes, sizeof bytes);

	if (n < 0 || close(fd) < 0)
		abort();
	return slice_of(bytes, (size_t)n);
}

static void
store(const struct place *p, struct slice bytes)
{
	int fd = open(p->path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (bytes.len > 0 &&
	    write(fd, bytes.ptr, bytes.len) != (ssize_t)bytes.len)
		abort();
	if (close(fd) < 0)
		abort();
}

/* The record of an entry, as the module itself writes it. */
static struct slice
record_of(const struct place *p, uint64_t number)
{
	struct hashes_record r = {.entry = entry_of(number), .day = DAY};
	int fd = hashes_file_open(p->path);
	struct slice record;

	FUZZ_ASSERT(fd >= 0 && hashes_file_add(fd, &r, 1) == 0);
	close(fd);
	record = load(p);
	FUZZ_ASSERT(record.len == RECORD);
	unlink(p->path);
	return record;
}

static void
add_zeroes(struct buf *file, size_t count)
{
	char *at = buf_reserve(file, count);

	if (!at)
		return;
	memset(at, 0, count);
	buf_commit(file, count);
}

static void
flip(struct buf *file, uint64_t bit)
{
	struct slice bytes = buf_slice(file);
	size_t back = (size_t)(bit / 8) + 1;

	if (back <= bytes.len)
		file->mem[file->tail - back] ^= (char)(1 << bit % 8);
}

/* One line of the script; records has all that it names. */
static void
write_line(struct buf *file, const struct slice *records, struct slice line)
{
	struct slice rest = slice_skip(line, 2);
	uint64_t number = fuzz_number(&rest);

	switch (line.len > 0 ? line.ptr[0] : ' ') {
	case 'r':
		buf_add_slice(file, records[number % RECORDS]);
		break;
	case 'c':
		number = number < buf_len(file) ? number : buf_len(file);
		buf_truncate(file, buf_len(file) - (size_t)number);
		break;
	case 'f':
		flip(file, number);
		break;
	case 'z':
		add_zeroes(file, number % BYTES);
		break;
	case 'm':
		buf_add(file, records[0].ptr, MAGIC_BYTES);
		break;
	case 't':
		buf_add_slice(file, slice_skip(line, 2));
	}
}

/* What is believed: of each file the last record, wherever that stands. */
struct believed {
	bool known[FILES];
	uint64_t number[FILES];
	size_t count;
};

static void
believe(struct believed *b, uint64_t number)
{
	uint64_t file = number / VERSIONS % FILES;

	b->count += !b->known[file];
	b->known[file] = true;
	b->number[file] = number;
}

/* The number of the record at the front of bytes, or -1 when none is. */
static int
number_at(struct slice bytes, const struct slice *records)
{
	if (bytes.ptr[0] != records[0].ptr[0])
		return -1;
	for (int i = 0; i < RECORDS; i++)
		if (records[i].ptr && slice_starts(bytes, records[i]))
			return i;
	return -1;
}

static void
read_all(struct slice bytes, const struct slice *records, struct believed *b)
{
	int number;

	*b = (struct believed){.count = 0};
	while (bytes.len >= RECORD) {
		number = number_at(bytes, records);
		if (number >= 0)
			believe(b, (uint64_t)number);
		bytes = slice_skip(bytes, number >= 0 ? RECORD : 1);
	}
}

static void
check(struct hashes *h, const struct believed *b)
{
	FUZZ_ASSERT(hashes_count(h) == b->count);
	for (uint64_t i = 0; i < RECORDS; i++) {
		struct hashes_entry e = entry_of(i);
		struct stat st = stat_of(&e.facts);
		struct digest digest;
		bool want = b->known[i / VERSIONS] &&
		    b->number[i / VERSIONS] == i;

		FUZZ_ASSERT(hashes_find(h, &st, &digest) == want);
		FUZZ_ASSERT(digest.known == want);
		FUZZ_ASSERT(
		    !want || !memcmp(digest.bytes, e.digest, DIGEST_BYTES));
	}
}

static struct hashes *
keep(const struct place *p)
{
	struct hashes *h = hashes_new();

	FUZZ_ASSERT(h && hashes_keep(h, p->path, NOW) == 0);
	return h;
}

/* Whatever stands in the file, what is sound counts, and it is kept on. */
static void
check_file(const struct place *p, size_t size, struct believed *b)
{
	struct hashes *h = keep(p);
	struct hashes_entry fresh = entry_of(5);
	struct stat st = stat_of(&fresh.facts);
	struct digest digest = {.known = true};

	check(h, b);
	if (size > SMALL_BYTES && b->count * RECORD < size / 2)
		FUZZ_ASSERT(load(p).len == b->count * RECORD);
	memcpy(digest.bytes, fresh.digest, DIGEST_BYTES);
	FUZZ_ASSERT(hashes_put(h, &st, &digest) == 0);
	hashes_free(h);
	believe(b, 5);
	h = keep(p);
	check(h, b);
	hashes_free(h);
}

/* The first record, and those that the script names. */
static void
make_records(const struct place *p, struct slice in, struct slice *records)
{
	records[0] = fuzz_copy(record_of(p, 0));
	while (in.len > 0) {
		struct slice line = fuzz_line(&in), rest = slice_skip(line, 2);
		uint64_t number = fuzz_number(&rest) % RECORDS;

		if (slice_starts(line, SLICE("r")) && !records[number].ptr)
			records[number] = fuzz_copy(record_of(p, number));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = fuzz_input(data, size);
	struct slice records[RECORDS] = {{NULL, 0}};
	struct believed believed;
	struct place place;
	struct buf file;

	begin(&place);
	make_records(&place, in, records);
	buf_init(&file, BYTES);
	while (in.len > 0)
		write_line(&file, records, fuzz_line(&in));
	read_all(buf_slice(&file), records, &believed);
	store(&place, buf_slice(&file));
	check_file(&place, buf_len(&file), &believed);
	for (int i = 0; i < RECORDS; i++)
		fuzz_free(records[i]);
	buf_free(&file);
	end(&place);
	return 0;
}
