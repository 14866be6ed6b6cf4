#include "options.h"

#include <getopt.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/opt.h"
#include "lib/presets.h"
#include "run.h"

#define ROWS_DEFAULT 1000
#define TIMEOUT_DEFAULT 5
#define TIMEOUT_MAX 3600

static const char help[] =
    "Usage: nfind [OPTION]... WORD...\n"
    "Print where the shared files are whose path has every WORD, best first.\n"
    "\n"
    "  -n, --limit N            at most N (1000)\n"
    "  -1, --first              only the first that accepts a connection\n"
    "  -x, --not WORD           not those with WORD; may be repeated\n"
    "      --ext A,B            only those with one of these extensions\n"
    "      --over SIZE          only those of SIZE (500, 64K, 2G) or more\n"
    "      --under SIZE         only those of SIZE or less\n"
    "\n"
    "Instead of WORD:\n"
    "      --exact NAME         the files whose whole path is NAME\n"
    "      --hash DIGEST        the files that have this SHA-256\n"
    "      --stat               what the index tells of itself\n"
    "\n"
    "What is printed instead of locators:\n"
    "  -l, --long               locator, size, time, digest and name\n"
    "      --json               an object a line\n"
    "      --url                http://...\n"
    "      --peers              each peer once, host:port\n"
    "  -c, --count              how many there are\n"
    "  -q, --quiet              nothing; the exit status tells\n"
    "  -H, --digest             #sha256=... behind each locator, if known\n"
    "      --no-digest          never (else unless on a terminal)\n"
    "  -0, --null               NUL in place of each line end\n"
    "\n"
    "  -I, --index HOST[:PORT]  the index to ask; may be repeated\n"
    "                           ($NAP_INDEX, else localhost:8080)\n"
    "      --timeout SECONDS    wait no longer for answers (5)\n"
    "  -v, --verbose            say more\n"
    "  -h, --help               this text\n"
    "  -V, --version            the version\n"
    "\n" PRESETS_HELP "\n"
    "Status: 0 found, 1 nothing found, 2 wrong usage or an index failed.\n";

enum {
	OPT_EXACT = 256,
	OPT_EXT,
	OPT_HASH,
	OPT_JSON,
	OPT_NO_DIGEST,
	OPT_OVER,
	OPT_PEERS,
	OPT_STAT,
	OPT_TIMEOUT,
	OPT_UNDER,
	OPT_URL
};

static const struct option long_options[] = {
    {"count", no_argument, NULL, 'c'},
    {"digest", no_argument, NULL, 'H'},
    {"exact", required_argument, NULL, OPT_EXACT},
    {"ext", required_argument, NULL, OPT_EXT},
    {"first", no_argument, NULL, '1'},
    {"hash", required_argument, NULL, OPT_HASH},
    {"help", no_argument, NULL, 'h'},
    {"index", required_argument, NULL, 'I'},
    {"json", no_argument, NULL, OPT_JSON},
    {"limit", required_argument, NULL, 'n'},
    {"long", no_argument, NULL, 'l'},
    {"no-digest", no_argument, NULL, OPT_NO_DIGEST},
    {"not", required_argument, NULL, 'x'},
    {"null", no_argument, NULL, '0'},
    {"over", required_argument, NULL, OPT_OVER},
    {"peers", no_argument, NULL, OPT_PEERS},
    {"quiet", no_argument, NULL, 'q'},
    {"stat", no_argument, NULL, OPT_STAT},
    {"timeout", required_argument, NULL, OPT_TIMEOUT},
    {"under", required_argument, NULL, OPT_UNDER},
    {"url", no_argument, NULL, OPT_URL},
    {"verbose", no_argument, NULL, 'v'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

/* What the options are gathered in. */
struct reading {
	struct run_options *o;
	bool quiet;
	bool verbose;
	int talk; /* whence these two come */
	int indexes; /* and the list of them */
};

static const struct {
	int option;
	enum print_form form;
} forms[] = {
    {'c', PRINT_COUNT},
    {'l', PRINT_LONG},
    {OPT_JSON, PRINT_JSON},
    {OPT_PEERS, PRINT_PEERS},
    {OPT_STAT, PRINT_STATS},
    {OPT_URL, PRINT_URLS},
};

static int
set_form(enum print_form *form, enum print_form wanted, struct opt *given)
{
	if (*form != PRINT_LOCATORS && *form != wanted)
		return opt_refuse(given,
		    "only one of -c, -l, --json, --peers, --stat and --url "
		    "makes sense");
	*form = wanted;
	return 0;
}

static int
take_digest(struct print_style *style, const struct opt *given)
{
	enum print_digest wanted = given->option == 'H' ? PRINT_DIGEST_ALWAYS
							: PRINT_DIGEST_NEVER;

	if (!given->off)
		style->digest = wanted;
	else if (style->digest == wanted)
		style->digest = PRINT_DIGEST_AUTO;
	return 0;
}

static int
take_limit(struct run_options *o, struct opt *given)
{
	uint64_t limit;

	if (opt_number(given, 1, PROTO_FIND_ROWS, &limit) < 0)
		return -1;
	o->limit = limit;
	return 0;
}

static int
take_timeout(struct run_options *o, struct opt *given)
{
	uint64_t seconds;

	if (opt_number(given, 1, TIMEOUT_MAX, &seconds) < 0)
		return -1;
	o->timeout_ms = 1000 * (int64_t)seconds;
	return 0;
}

static int
take_not(struct request_options *want, struct opt *given)
{
	if (want->not_count == PROTO_FIND_NOTS)
		return opt_refuse(
		    given, "more than %d words after -x", PROTO_FIND_NOTS);
	want->not_words[want->not_count++] = given->text;
	return 0;
}

/* What a later source says of how much to say counts alone. */
static int
take_talk(struct reading *r, const struct opt *given)
{
	if (opt_replaces(given, &r->talk))
		r->quiet = r->verbose = false;
	*(given->option == 'q' ? &r->quiet : &r->verbose) = !given->off;
	return 0;
}

/* What is wanted. */
static int
take_want(struct request_options *want, struct opt *given)
{
	switch (given->option) {
	case 'x':
		return take_not(want, given);
	case OPT_EXACT:
		want->exact = given->text;
		break;
	case OPT_EXT:
		want->ext = given->text;
		break;
	case OPT_HASH:
		want->hash = given->text;
		break;
	case OPT_OVER:
		return opt_size(given, &want->over);
	case OPT_UNDER:
		return opt_size(given, &want->under);
	}
	return 0;
}

static int
take_other(struct reading *r, struct opt *given)
{
	struct run_options *o = r->o;

	switch (given->option) {
	case '0':
		o->style.nul = true;
		return 0;
	case '1':
		o->first = true;
		return 0;
	case 'H':
	case OPT_NO_DIGEST:
		return take_digest(&o->style, given);
	case 'I':
		return indexes_take(&r->o->indexes, &r->indexes, given);
	case 'n':
		return take_limit(o, given);
	case OPT_TIMEOUT:
		return take_timeout(o, given);
	case 'q':
	case 'v':
		return take_talk(r, given);
	case 'h':
		opt_help(help);
	case 'V':
		opt_version("nfind");
	}
	return take_want(&o->want, given);
}

static int
take_option(void *to, struct opt *given)
{
	struct reading *r = to;

	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
		if (forms[i].option == given->option)
			return set_form(
			    &r->o->style.form, forms[i].form, given);
	return take_other(r, given);
}

static void
find_indexes(struct reading *r)
{
	const char *named = getenv("NAP_INDEX"), *why;

	if (r->indexes == OPT_COMMAND_LINE)
		return;
	if (indexes_default(&r->o->indexes, named, &why) < 0)
		opt_usage("NAP_INDEX '%.200s': %s", named ? named : "", why);
}

static void
finish(struct reading *r)
{
	struct run_options *o = r->o;

	if (r->quiet || r->verbose)
		log_open(
		    "nfind", r->verbose ? LOG_LEVEL_DEBUG : LOG_LEVEL_QUIET);
	o->want.stat = o->style.form == PRINT_STATS;
	if (o->first && (o->want.stat || o->style.form == PRINT_COUNT))
		opt_usage("-1 makes no sense with -c and --stat");
	if (r->quiet)
		o->style.form = PRINT_NOTHING;
	find_indexes(r);
	o->want.limit = run_limit(o);
}

static const struct opt_program program = {
    .name = "nfind",
    .letters = "01HI:Vchln:qvx:",
    .table = long_options,
    .take = take_option,
};

void
options_read(int argc, char **argv, struct run_options *o)
{
	struct reading r = {.o = o};
	struct presets presets;
	int operands;

	*o = (struct run_options){
	    .want.under = UINT64_MAX,
	    .style.terminal = isatty(STDOUT_FILENO),
	    .limit = ROWS_DEFAULT,
	    .timeout_ms = TIMEOUT_DEFAULT * 1000,
	};
	operands = presets_options(&presets, &program, argc, argv, &r);
	/* No text is kept of what files may say. */
	presets_free(&presets);
	o->want.words = argv + operands;
	o->want.word_count = (size_t)(argc - operands);
	finish(&r);
}
