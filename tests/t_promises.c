#include <stdint.h>

#include "indexd/limits.h"
#include "indexd/match.h"
#include "lib/line.h"
#include "lib/num.h"
#include "lib/proto.h"
#include "nshare/client.h"
#include "nshare/opened.h"
#include "nshare/share.h"
#include "nshare/watch.h"
#include "tap.h"

/*
 * The limits that SECURITY.md tells of are those that the programs are built
 * with: in each row of its table that begins so, these numbers stand in this
 * order. What enforces them is tested where it is.
 */

#define NUMBERS_MAX 8
#define MILLION 1000000
#define MIB (1024 * 1024)

static const struct limits defaults = LIMITS_DEFAULT;

static char document[65536];

static void
read_document(void)
{
	const char *source = getenv("NAP_SOURCE");
	char path[4096];
	FILE *file;

	if (!source)
		return;
	snprintf(path, sizeof path, "%s/SECURITY.md", source);
	file = fopen(path, "r");
	if (!file)
		abort();
	fread(document, 1, sizeof document - 1, file);
	fclose(file);
}

/*
 * The numbers of a cell, up to its end: digits with commas between them, and "a
 * million". Those of options in backquotes are none.
 */
static int
numbers_of(const char *cell, uint64_t found[NUMBERS_MAX])
{
	int count = 0;

	for (; *cell != '|' && *cell != '\n' && *cell; cell++) {
		uint64_t n = 0;

		if (*cell == '`')
			cell += strcspn(cell + 1, "`") + 1;
		if (strncmp(cell, "a million", 9) == 0)
			n = MILLION;
		for (; (*cell >= '0' && *cell <= '9') || (n && *cell == ',');
		     cell++)
			n = *cell == ',' ? n : 10 * n + (uint64_t)(*cell - '0');
		if (n && count < NUMBERS_MAX)
			found[count++] = n;
		if (*cell == '|' || *cell == '\n')
			break;
	}
	return count;
}

/* What stands in the third column where the second begins so; NULL: nothing. */
static const char *
cell_of(const char *what)
{
	char start[128];
	const char *at;

	snprintf(start, sizeof start, "| %s", what);
	at = strstr(document, start);
	at = at ? strchr(at + 2, '|') : NULL;
	return at ? at + 1 : NULL;
}

/* Numbers that end with 0. */
static void
promised(const char *what, const uint64_t *wanted)
{
	const char *cell = cell_of(what);
	uint64_t found[NUMBERS_MAX];
	int count = cell ? numbers_of(cell, found) : 0, i = 0;
	bool same = cell != NULL;

	while (wanted[i] > 0) {
		same = same && i < count && found[i] == wanted[i];
		i++;
	}
	tap_ok(same && i == count, "%s: as SECURITY.md says", what);
}

#define PROMISED(what, ...) promised(what, (const uint64_t[]){__VA_ARGS__, 0})

static uint64_t
seconds(int64_t ms)
{
	return (uint64_t)ms / 1000;
}

/* So many at once, at that many a second. */
static uint64_t
burst(uint64_t rate)
{
	return rate * LIMITS_BURST_MS / 1000;
}

static void
index_limits(void)
{
	PROMISED(
	    "connections of one address (loopback spared) |", defaults.conns);
	PROMISED("registered peers", defaults.peers);
	PROMISED("files of one peer", defaults.files, LIMITS_PEER_BYTES / MIB);
	PROMISED("searches of one address", defaults.find_rate,
	    burst(defaults.find_rate));
	tap_is_num(LIMITS_FIND_US, 1000,
	    "one of them that takes more than a millisecond counts as several");
	PROMISED("names that one address", defaults.add_rate,
	    burst(defaults.add_rate));
	PROMISED("a line", LINE_MAX_BYTES / 1024);
	PROMISED("silence without", seconds(defaults.idle_ms),
	    seconds(defaults.ping_ms), seconds(defaults.answer_ms));
	PROMISED("unsent answers of a client", LIMITS_UNSENT_BYTES / 1024,
	    seconds(defaults.stall_ms));
	PROMISED("unsent answers of all", LIMITS_UNSENT_WORKER / MIB);
	PROMISED("connecting back", seconds(defaults.dial_ms), defaults.dials);
	PROMISED("one answer", PROTO_FIND_ROWS, LIMITS_ANSWER_BYTES / MIB,
	    MATCH_WORDS_MAX);
}

static void
share_limits(void)
{
	PROMISED("connections of one address (loopback spared); in all",
	    SHARE_MAX_CONNS, SHARE_CONNS_MAX);
	PROMISED("downloads at a time", SHARE_SLOTS);
	PROMISED("an idle connection", seconds(CLIENT_IDLE_MS));
	PROMISED("files that stay open", OPENED_FILES);
	PROMISED("files that are known", WATCH_FILES);
}

int
main(void)
{
	read_document();
	if (*document == '\0') {
		printf("1..0 # SKIP NAP_SOURCE does not say where it is\n");
		return 0;
	}
	index_limits();
	share_limits();
	return tap_done();
}
