#include "nshare/registration.h"

#include "nshare/catalogue.h"
#include "tap.h"

static struct catalogue *
make(const char *const *paths, size_t count)
{
	struct catalogue *c = catalogue_new();

	for (size_t i = 0; i < count; i++) {
		const struct catalogue_file file = {.path = slice_str(paths[i]),
		    .size = 10 + i,
		    .mtime = 100 + (int64_t)i};

		if (catalogue_fill(c, &file) < 0)
			exit(1);
	}
	catalogue_settle(c);
	return c;
}

static struct buf out;

/* What it says now. */
static const char *
says(struct registration *r)
{
	static char text[65536];
	struct slice all;

	if (registration_write(r, &out) < 0)
		return "failed";
	all = buf_slice(&out);
	if (all.len)
		memcpy(text, all.ptr, all.len);
	text[all.len] = '\0';
	buf_truncate(&out, 0);
	return text;
}

/* It begins, wherever it has been. */
static void
begin(struct registration *r, struct catalogue *files,
    const struct proto_hello *hello)
{
	registration_end(r);
	registration_begin(r, files, hello);
}

static struct slice text;

static enum registration_event
hears(struct registration *r, const char *line)
{
	return registration_read(r, slice_str(line), &out, &text);
}

static const char *const three[] = {"a", "b c", "d/\xff"};
static const struct proto_hello v2 = {.port = 9000, .v2 = true};
static const struct proto_hello seed = {.port = 9000};

static void
test_v2(void)
{
	struct catalogue *c = make(three, 3);
	struct registration r = {.files = NULL};

	begin(&r, c, &v2);
	tap_is_str(says(&r), "HELLO 9000 nap/2\n", "it greets");
	tap_is_str(says(&r), "", "and says nothing until it is answered");
	tap_ok(!registration_is_open(&r), "nothing else may be said");
	tap_is_num(hears(&r, "OK 192.0.2.7:9000"), REGISTRATION_WELCOME,
	    "it is welcome");
	tap_is_slice(text, SLICE("192.0.2.7:9000"), "and told its address");
	tap_ok(registration_is_open(&r), "then more may be said");
	tap_is_str(says(&r),
	    "ADD 10 100 - a\nADD 11 101 - b c\nADD 12 102 - d/\xff\nSYNC\n",
	    "it tells every file, and asks for the count");
	tap_ok(r.state == REGISTRATION_ASKING, "which it waits for");
	hears(&r, "OK 2 1");
	tap_ok(r.state == REGISTRATION_SETTLED, "with it, all is settled");
	tap_ok(r.synced.files == 2 && r.synced.refused == 1, "and counted");
	tap_is_str(says(&r), "", "and there is no more to say");
	registration_end(&r);
	catalogue_free(c);
}

static void
test_answers(void)
{
	struct catalogue *c = make(three, 3);
	struct registration r = {.files = NULL};

	begin(&r, c, &v2);
	says(&r);
	tap_is_num(hears(&r, "what"), REGISTRATION_STRANGE,
	    "so is what means nothing");
	tap_is_num(
	    hears(&r, "NOTE unreachable"), REGISTRATION_NOTE, "and a note");
	tap_is_slice(text, SLICE("unreachable"), "with what it says");
	tap_is_num(hears(&r, "PING"), REGISTRATION_NOTHING, "a ping is not");
	tap_is_slice(buf_slice(&out), SLICE("PONG\n"), "but answered");
	buf_truncate(&out, 0);
	hears(&r, "OK x");
	hears(&r, "PONG");
	tap_is_slice(buf_slice(&out), SLICE(""), "a pong is not answered");
	says(&r);
	tap_is_num(
	    hears(&r, "OK two"), REGISTRATION_STRANGE, "a count must be one");
	hears(&r, "OK 3 0");
	tap_is_num(hears(&r, "OK 3 0"), REGISTRATION_STRANGE, "and comes once");
	registration_end(&r);
	catalogue_free(c);
}

static void
test_errors(void)
{
	struct catalogue *c = make(three, 3);
	struct registration r = {.files = NULL};

	begin(&r, c, &v2);
	says(&r);
	tap_is_num(hears(&r, "ERR limit too many peers"), REGISTRATION_ERROR,
	    "an error is told");
	tap_is_slice(text, SLICE("limit too many peers"), "with its reason");
	tap_is_num(hears(&r, "OK x"), REGISTRATION_NOTHING,
	    "a welcome after it means nothing");
	tap_is_str(says(&r), "", "and is not followed");
	tap_ok(!registration_is_open(&r), "nothing more may be said");
	begin(&r, c, &v2);
	says(&r);
	hears(&r, "OK x");
	says(&r);
	hears(&r, "ERR busy x");
	hears(&r, "OK 3 0");
	tap_ok(r.state == REGISTRATION_REFUSED, "nor does a count settle it");
	tap_is_num(hears(&r, "NOTE a"), REGISTRATION_NOTHING, "nor is it told");
	registration_end(&r);
	catalogue_free(c);
}

static void
test_host(void)
{
	struct catalogue *c = make(three, 3);
	const struct proto_hello hello = {
	    .port = 9000, .v2 = true, .host = SLICE("127.0.0.1")};
	struct registration r = {.files = NULL};

	begin(&r, c, &hello);
	tap_is_str(says(&r), "HELLO 9000 nap/2 host=127.0.0.1\n",
	    "it says when it serves on loopback alone");
	registration_end(&r);
	catalogue_free(c);
}

static void
test_seed(void)
{
	struct catalogue *c = make(three, 3);
	struct registration r = {.files = NULL};

	begin(&r, c, &seed);
	tap_is_str(says(&r), "HELLO 9000\nFILE a\nFILE b c\nSEARCH b c\n",
	    "the seed's server is told names that are UTF-8, never DONE, and "
	    "asked for the last");
	tap_is_num((long long)r.skipped, 1, "the others are counted");
	tap_ok(!registration_is_open(&r), "nothing else may be said to it");
	hears(&r, "127.0.0.1:9000");
	tap_ok(r.state == REGISTRATION_ASKING, "its hits do not settle it");
	hears(&r, "END");
	tap_ok(r.state == REGISTRATION_SETTLED, "their end does");
	hears(&r, "PING");
	tap_is_slice(buf_slice(&out), SLICE(""), "it is never answered");
	registration_end(&r);
	catalogue_free(c);
}

static void
test_nothing_to_tell(void)
{
	static const char *const bad[] = {"\xff", "\xfe"};
	struct catalogue *none = make(NULL, 0), *c = make(bad, 2);
	struct registration r = {.files = NULL};

	begin(&r, none, &seed);
	tap_is_str(says(&r), "HELLO 9000\n", "without files it only greets");
	tap_ok(r.state == REGISTRATION_SETTLED, "and is settled");
	begin(&r, none, &v2);
	says(&r);
	hears(&r, "OK x");
	tap_is_str(says(&r), "SYNC\n", "version 2 is asked all the same");
	begin(&r, c, &seed);
	tap_is_str(
	    says(&r), "HELLO 9000\n", "so it is when no name can be told");
	tap_ok(r.state == REGISTRATION_SETTLED && r.skipped == 2,
	    "which is counted");
	registration_end(&r);
	catalogue_free(none);
	catalogue_free(c);
}

/* Settled, by version 2; what it said until then. */
static const char *
settle(struct registration *r, struct catalogue *c)
{
	static char all[65536];

	begin(r, c, &v2);
	says(r);
	hears(r, "OK 192.0.2.1:9000");
	strcpy(all, says(r));
	hears(r, "OK 3 0");
	return all;
}

static void
learn(struct catalogue *c, const char *path, const struct digest *digest)
{
	const struct catalogue_file file = {
	    .path = slice_str(path), .size = 5, .mtime = 6, .digest = *digest};

	if (catalogue_add(c, &file) < 0)
		exit(1);
}

/* What becomes known of files after they were told. */
static void
test_news(void)
{
	static const struct digest zero = {.known = true}, none;
	static const char line[] =
	    "ADD 5 6 "
	    "0000000000000000000000000000000000000000000000000000000000000000"
	    " b c\n";
	struct catalogue *c = make(three, 3);
	struct registration r = {.files = NULL};

	begin(&r, c, &v2);
	says(&r);
	hears(&r, "OK 192.0.2.1:9000");
	says(&r);
	learn(c, "b c", &zero);
	tap_is_str(says(&r), "", "news wait until all files have arrived");
	hears(&r, "OK 3 0");
	tap_is_str(says(&r), line, "then the file is told again");
	tap_is_str(says(&r), "", "once");
	learn(c, "x", &none);
	catalogue_remove(c, SLICE("a"));
	tap_is_str(says(&r), "ADD 5 6 - x\nDEL a\n",
	    "what comes is told, and what goes");
	tap_ok(strstr(settle(&r, c), line) != NULL,
	    "another registration begins with what is known");
	tap_is_str(says(&r), "", "and has no news");
	registration_end(&r);
	catalogue_free(c);
}

static void
test_news_for_seed(void)
{
	static const struct digest zero = {.known = true}, none;
	struct catalogue *c = make(three, 3);
	struct registration r = {.files = NULL};

	begin(&r, c, &seed);
	says(&r);
	hears(&r, "END");
	learn(c, "x", &none);
	learn(c, "\xff", &none);
	tap_is_str(
	    says(&r), "FILE x\n", "the seed's form has words for what comes");
	learn(c, "a", &zero);
	catalogue_remove(c, SLICE("x"));
	tap_is_str(says(&r), "", "and none for what changes or goes");
	registration_end(&r);
	catalogue_free(c);
}

/* However little room there is, the same lines come in the end. */
static void
test_pieces(const struct proto_hello *hello, const char *sentence)
{
	struct catalogue *c = catalogue_new();
	struct registration r = {.files = NULL};
	size_t lines = 0, turns = 0;
	char path[64];
	bool bounded = true;

	for (int i = 0; i < 1000; i++) {
		struct catalogue_file file = {
		    .path = {path, 0}, .size = 1, .mtime = 1};

		file.path.len = (size_t)snprintf(path, sizeof path,
		    "a directory/and a file of number %04d", i);
		if (catalogue_fill(c, &file) < 0)
			exit(1);
	}
	catalogue_settle(c);
	buf_free(&out);
	buf_init(&out, 5000);
	begin(&r, c, hello);
	while (r.state < REGISTRATION_ASKING && turns++ < 5000) {
		const char *said = says(&r);

		if (r.state == REGISTRATION_GREETED)
			hears(&r, "OK x");
		bounded = bounded && strlen(said) < 5000;
		for (; *said; said++)
			lines += *said == '\n';
	}
	tap_ok(bounded && lines == 1002 && turns > 10, "%s", sentence);
	buf_free(&out);
	buf_init(&out, 65536);
	registration_end(&r);
	catalogue_free(c);
}

int
main(void)
{
	buf_init(&out, 65536);
	test_v2();
	test_answers();
	test_errors();
	test_host();
	test_seed();
	test_nothing_to_tell();
	test_news();
	test_news_for_seed();
	test_pieces(&v2, "files are told as fast as they leave, in version 2");
	test_pieces(&seed, "and in the seed's form");
	buf_free(&out);
	return tap_done();
}
