#include "nshare/etag.h"

#include <sys/stat.h>

#include "tap.h"

static struct stat
some_file(void)
{
	return (struct stat){
	    .st_dev = 1,
	    .st_ino = 2,
	    .st_size = 3,
	    .st_mtim = {.tv_sec = 4, .tv_nsec = 5},
	    .st_ctim = {.tv_sec = 6, .tv_nsec = 7},
	};
}

static void
differs(struct stat changed, const char *sentence)
{
	struct stat st = some_file();
	char a[ETAG_TEXT], b[ETAG_TEXT];

	tap_ok(strcmp(etag_text(&st, a), etag_text(&changed, b)) != 0, "%s",
	    sentence);
}

static void
test_form(void)
{
	struct stat st = some_file(), other = some_file();
	char text[ETAG_TEXT], again[ETAG_TEXT];

	etag_text(&st, text);
	tap_ok(strlen(text) == 34 && text[0] == '"' && text[33] == '"' &&
		strspn(text + 1, "0123456789abcdef") == 32,
	    "a tag is strong: 32 digits in quotes");
	other.st_nlink = 9;
	other.st_atim.tv_sec = 9;
	other.st_mode = 9;
	tap_is_str(etag_text(&other, again), text,
	    "who reads or links the file does not change it");
}

static void
test_changes(void)
{
	struct stat st = some_file();

	st.st_dev++;
	differs(st, "another device has another tag");
	st = some_file();
	st.st_ino++;
	differs(st, "so has another inode");
	st = some_file();
	st.st_size++;
	differs(st, "another size");
	st = some_file();
	st.st_mtim.tv_sec++;
	differs(st, "another time of change");
	st = some_file();
	st.st_mtim.tv_nsec++;
	differs(st, "even by a nanosecond");
	st = some_file();
	st.st_ctim.tv_sec++;
	differs(st, "another time of status change");
	st = some_file();
	st.st_ctim.tv_nsec++;
	differs(st, "even by a nanosecond");
}

int
main(void)
{
	test_form();
	test_changes();
	return tap_done();
}
