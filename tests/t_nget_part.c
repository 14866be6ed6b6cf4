#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nget/origin.h"
#include "nget/part.h"
#include "tap.h"

/* A directory of our own, which is empty in the beginning. */
static int
open_scratch(char *path)
{
	strcpy(path, "/tmp/t_part.XXXXXX");
	if (!mkdtemp(path)) {
		perror(path);
		exit(99);
	}
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void
clear(int dir)
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fdopendir(copy);
	struct dirent *entry;

	while ((entry = readdir(d)) != NULL)
		if (unlinkat(dir, entry->d_name, 0) < 0)
			(void)unlinkat(dir, entry->d_name, AT_REMOVEDIR);
	closedir(d);
}

static void
put(int dir, const char *name, const char *text)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	ssize_t n = write(fd, text, strlen(text));

	if (n != (ssize_t)strlen(text))
		exit(99);
	close(fd);
}

static bool
is_there(int dir, const char *name)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool
holds(int dir, const char *name, const char *text)
{
	char got[256];
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, got, sizeof got);
	close(fd);
	return n >= 0 && slice_eq(slice_of(got, (size_t)n), slice_str(text));
}

static struct origin
an_origin(uint64_t size)
{
	struct origin o = {.sized = true, .size = size};
	const char *why;

	(void)locator_parse(SLICE("192.0.2.7:9000/song"), &o.locator, &why);
	strcpy(o.etag, "\"v1\"");
	return o;
}

static void
test_life(int dir)
{
	struct origin o = an_origin(4), back;
	struct part p;

	tap_is_num(part_open(&p, dir, "song"), 0, "a part is made");
	tap_is_num((long long)p.length, 0, "and is empty");
	tap_is_num(part_recall(&p, &back), -1, "nothing vouches for it");
	tap_is_num(part_restart(&p, 4), 0, "it can be begun");
	tap_is_num(part_note(&p, &o), 0, "where it comes from is noted");
	tap_is_num(part_write(&p, 0, SLICE("la")), 0, "bytes are written");
	part_close(&p);
	tap_ok(holds(dir, "song.part", "la"), "they are in NAME.part");
	tap_ok(!is_there(dir, "song"), "NAME is not there before its time");

	tap_is_num(part_open(&p, dir, "song"), 0, "it is opened again");
	tap_is_num((long long)p.length, 2, "with the bytes that it has");
	tap_is_num(part_recall(&p, &back), 0, "and what vouches for them");
	tap_is_str(back.etag, "\"v1\"", "which is what was noted");
	tap_is_num(part_write(&p, 2, SLICE("lo")), 0, "more behind them");
	tap_is_num(part_keep(&p, &back), 0, "it can be flushed");
	tap_is_num((long long)back.have, 4, "which is noted");
	tap_is_num(part_recall(&p, &back), 0, "where the next one finds it");
	tap_is_num((long long)back.have, 4, "and how much there is");
	tap_is_num(part_finish(&p, false), 0, "it gets its name");
	tap_ok(holds(dir, "song", "lalo"), "and holds all bytes");
	tap_ok(!is_there(dir, "song.part") && !is_there(dir, "song.part.from"),
	    "nothing is left beside it");
	clear(dir);
}

static void
test_cut(int dir)
{
	struct part p;

	put(dir, "song.part", "lalo");
	(void)part_open(&p, dir, "song");
	tap_is_num(part_cut(&p, 4), 0, "a part can be cut where it ends");
	tap_is_num(part_cut(&p, 2), 0, "or before");
	tap_ok(p.length == 2 && holds(dir, "song.part", "la"),
	    "what lies behind is gone");
	(void)part_write(&p, 2, SLICE("li"));
	tap_ok(holds(dir, "song.part", "lali"), "and more can follow");
	part_close(&p);
	clear(dir);
}

static void
test_gaps(int dir)
{
	struct origin o = an_origin(9), back;
	char bytes[4] = "";
	struct part p;

	o.digest.known = true;
	o.held[0] = (struct coverage_range){0, 2};
	o.held[1] = (struct coverage_range){5, 7};
	o.held_count = 2;
	(void)part_open(&p, dir, "song");
	(void)part_restart(&p, 9);
	(void)part_write(&p, 5, SLICE("sa"));
	(void)part_write(&p, 0, SLICE("la"));
	tap_is_num((long long)p.length, 7, "there may be gaps");
	tap_ok(part_read(&p, 5, bytes, 2) == 0 && !memcmp(bytes, "sa", 2),
	    "bytes can be read where they were written");
	tap_ok(part_read(&p, 6, bytes, 2) < 0 && errno == EIO,
	    "behind the last there are none");
	(void)part_note(&p, &o);
	tap_ok(part_recall(&p, &back) == 0 && back.held_count == 2,
	    "which bytes have arrived is noted");
	o.held[1].end = 8;
	(void)part_note(&p, &o);
	tap_is_num(part_recall(&p, &back), -1,
	    "a note of bytes that are not there is not believed");
	part_discard(&p);
	clear(dir);
}

static void
test_restart(int dir)
{
	struct origin o = an_origin(4);
	struct part p;

	put(dir, "song.part", "old");
	put(dir, "song.part.from", "old");
	(void)part_open(&p, dir, "song");
	tap_is_num(part_restart(&p, 0), 0, "a part can be begun anew");
	tap_ok(holds(dir, "song.part", "") && !is_there(dir, "song.part.from"),
	    "what it was before is gone");
	tap_ok(part_restart(&p, UINT64_MAX) < 0 && errno == EFBIG,
	    "a size past every file system is refused");
	tap_ok(part_restart(&p, UINT64_C(1) << 60) < 0 && errno == ENOSPC,
	    "a size past this one is refused");
	(void)part_write(&p, 0, SLICE("la"));
	(void)part_note(&p, &o);
	part_discard(&p);
	tap_ok(!is_there(dir, "song.part") && !is_there(dir, "song.part.from"),
	    "a part that is discarded is gone");
	part_close(&p);
	tap_ok(p.fd == -1, "closing it again is legal");
	clear(dir);
}

static void
test_existing(int dir)
{
	struct part p;

	put(dir, "song", "mine");
	(void)part_open(&p, dir, "song");
	(void)part_write(&p, 0, SLICE("la"));
	tap_ok(part_finish(&p, false) < 0 && errno == EEXIST,
	    "a file that is there is not written over");
	tap_ok(holds(dir, "song", "mine") && holds(dir, "song.part", "la"),
	    "both files stay as they are");
	tap_is_num(part_finish(&p, true), 0, "it is replaced when wanted");
	tap_ok(holds(dir, "song", "la"), "by the bytes that arrived");
	clear(dir);
}

static void
test_lock(int dir)
{
	struct part one, two;

	(void)part_open(&one, dir, "song");
	tap_ok(part_open(&two, dir, "song") < 0 && errno == EAGAIN,
	    "a part that somebody has open cannot be opened");
	tap_is_num(two.fd, -1, "and no descriptor stays behind");
	tap_is_str(part_error(EAGAIN), "another nget is at it",
	    "the reason has a text");
	part_close(&one);
	tap_is_num(
	    part_open(&two, dir, "song"), 0, "it can be once he is gone");
	part_discard(&two);

	(void)part_open(&one, dir, "song");
	(void)renameat(dir, "song.part", dir, "elsewhere");
	put(dir, "song.part", "his");
	tap_ok(part_finish(&one, false) < 0,
	    "another file at NAME.part does not get the name");
	tap_ok(!is_there(dir, "song"), "and NAME does not come into being");
	part_close(&one);
	clear(dir);
}

static void
test_intruders(int dir)
{
	struct part p;

	put(dir, "target", "mine");
	(void)symlinkat("target", dir, "link.part");
	tap_ok(part_open(&p, dir, "link") < 0 && errno == ELOOP,
	    "a symbolic link is not followed");
	(void)symlinkat("none", dir, "dangling.part");
	tap_ok(part_open(&p, dir, "dangling") < 0 && errno == ELOOP,
	    "nor one that leads nowhere");
	tap_ok(!is_there(dir, "none"), "and nothing is made through it");
	(void)linkat(dir, "target", dir, "hard.part", 0);
	tap_ok(part_open(&p, dir, "hard") < 0 && errno == EMLINK,
	    "a file with another name is not written to");
	(void)mkfifoat(dir, "fifo.part", 0666);
	tap_ok(part_open(&p, dir, "fifo") < 0 && errno == EINVAL,
	    "a FIFO is no part, and does not keep us waiting");
	(void)mkdirat(dir, "dir.part", 0777);
	tap_ok(part_open(&p, dir, "dir") < 0 && errno == EISDIR,
	    "a directory is none");
	tap_ok(holds(dir, "target", "mine"), "nothing was written to");
	clear(dir);
}

/* Only root can give files away. */
static void
test_owners(int dir)
{
	struct origin o = an_origin(4);
	struct part p;

	if (geteuid() != 0)
		return;
	put(dir, "song.part", "his");
	(void)fchownat(dir, "song.part", 1, (gid_t)-1, 0);
	tap_ok(part_open(&p, dir, "song") < 0 && errno == EUSERS,
	    "somebody else's file is not gone on with");
	tap_is_num(p.fd, -1, "and no descriptor of it stays behind");
	tap_ok(holds(dir, "song.part", "his"), "it stays as it is");
	tap_is_str(part_error(EUSERS), "it belongs to somebody else",
	    "the reason has a text");
	clear(dir);

	(void)part_open(&p, dir, "song");
	(void)part_write(&p, 0, SLICE("lala"));
	(void)part_note(&p, &o);
	tap_is_num(part_recall(&p, &o), 0, "a note of ours is read");
	(void)fchownat(dir, "song.part.from", 1, (gid_t)-1, 0);
	tap_is_num(part_recall(&p, &o), -1, "somebody else's is not");
	part_close(&p);
	clear(dir);
}

static void
test_notes(int dir)
{
	struct origin o = an_origin(4), back;
	struct part p;

	put(dir, "target", "mine");
	(void)part_open(&p, dir, "song");
	(void)part_write(&p, 0, SLICE("lala"));
	(void)symlinkat("target", dir, "song.part.from");
	(void)symlinkat("target", dir, "song.part.from~");
	tap_is_num(part_recall(&p, &back), -1, "a link is not read");
	tap_is_num(part_note(&p, &o), 0, "a note replaces links");
	tap_ok(holds(dir, "target", "mine"), "and does not follow them");
	tap_is_num(part_recall(&p, &back), 0, "it is read back");
	tap_ok(
	    !is_there(dir, "song.part.from~"), "nothing is left of writing it");

	o.size = 3;
	(void)part_note(&p, &o);
	tap_is_num(
	    part_recall(&p, &back), -1, "a part longer than its file is none");
	o.size = 9;
	o.have = 5;
	(void)part_note(&p, &o);
	tap_is_num(
	    part_recall(&p, &back), -1, "nor one shorter than was noted");
	put(dir, "song.part.from", "naputils part 1\nhave 4\n");
	tap_is_num(part_recall(&p, &back), -1, "a damaged note is none");
	part_close(&p);
	clear(dir);
}

static void
test_long_names(int dir)
{
	char one[NAME_BYTES + 1], two[NAME_BYTES + 1];
	struct part p, q;

	memset(one, 'n', NAME_BYTES);
	one[NAME_BYTES] = '\0';
	strcpy(two, one);
	two[NAME_BYTES - 1] = 'm';
	tap_is_num(
	    part_open(&p, dir, one), 0, "a name of 255 bytes has a part");
	tap_is_num(part_open(&q, dir, two), 0, "another such name has another");
	tap_is_num(part_finish(&p, false), 0, "it gets its name as well");
	tap_ok(is_there(dir, one), "in full length");
	part_discard(&q);
	clear(dir);
}

int
main(void)
{
	char path[64];
	int dir = open_scratch(path);

	test_life(dir);
	test_cut(dir);
	test_gaps(dir);
	test_restart(dir);
	test_existing(dir);
	test_lock(dir);
	test_intruders(dir);
	test_owners(dir);
	test_notes(dir);
	test_long_names(dir);
	close(dir);
	rmdir(path);
	return tap_done();
}
