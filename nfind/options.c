#include "options.h"

#include <getopt.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/opt.h"
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
    "\n"
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

static const char short_options[] = "01HI:Vchln:qvx:";

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

/* Whether the option is one of those that exclude each other. */
static bool
take_form(struct run_options *o, int option)
{
	enum print_form *form = &o->style.form;

	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		if (forms[i].option != option)
			continue;
		if (*form != PRINT_LOCATORS && *form != forms[i].form)
			opt_usage("only one of -c, -l, --json, --peers, "
				  "--stat and --url makes sense");
		*form = forms[i].form;
		return true;
	}
	return false;
}

static void
take_index(struct indexes *indexes, const char *text)
{
	const char *why = "it names no index";

	if (indexes_parse(slice_str(text), indexes, &why) < 0 ||
	    indexes->count == 0)
		opt_usage("--index '%s': %s", text, why);
}

static void
take_not(struct request_options *want, const char *word)
{
	if (want->not_count == PROTO_FIND_NOTS)
		opt_usage("more than %d words after -x", PROTO_FIND_NOTS);
	want->not_words[want->not_count++] = word;
}

/* What is wanted; false when the option says something else. */
static bool
take_want(struct request_options *want, int option)
{
	switch (option) {
	case 'x':
		take_not(want, optarg);
		return true;
	case OPT_EXACT:
		want->exact = optarg;
		return true;
	case OPT_EXT:
		want->ext = optarg;
		return true;
	case OPT_HASH:
		want->hash = optarg;
		return true;
	case OPT_OVER:
		want->over = opt_size("--over", optarg);
		return true;
	case OPT_UNDER:
		want->under = opt_size("--under", optarg);
		return true;
	}
	return false;
}

static void
take_other(struct reading *r, int option)
{
	struct run_options *o = r->o;

	switch (option) {
	case '0':
		o->style.nul = true;
		break;
	case '1':
		o->first = true;
		break;
	case 'H':
		o->style.digest = PRINT_DIGEST_ALWAYS;
		break;
	case OPT_NO_DIGEST:
		o->style.digest = PRINT_DIGEST_NEVER;
		break;
	case 'I':
		take_index(&o->indexes, optarg);
		break;
	case 'n':
		o->limit = opt_number("-n", optarg, 1, PROTO_FIND_ROWS);
		break;
	case OPT_TIMEOUT:
		o->timeout_ms = 1000 *
		    (int64_t)opt_number("--timeout", optarg, 1, TIMEOUT_MAX);
		break;
	case 'q':
		r->quiet = true;
		break;
	case 'v':
		r->verbose = true;
		break;
	case 'h':
		opt_help(help);
	case 'V':
		opt_version("nfind");
	}
}

static void
finish(struct reading *r)
{
	struct run_options *o = r->o;
	const char *why;

	if (r->quiet || r->verbose)
		log_open(
		    "nfind", r->verbose ? LOG_LEVEL_DEBUG : LOG_LEVEL_QUIET);
	o->want.stat = o->style.form == PRINT_STATS;
	if (o->first && (o->want.stat || o->style.form == PRINT_COUNT))
		opt_usage("-1 makes no sense with -c and --stat");
	if (r->quiet)
		o->style.form = PRINT_NOTHING;
	if (indexes_default(&o->indexes, getenv("NAP_INDEX"), &why) < 0)
		opt_usage("NAP_INDEX '%.200s': %s", getenv("NAP_INDEX"), why);
	o->want.limit = run_limit(o);
}

void
options_read(int argc, char **argv, struct run_options *o)
{
	struct reading r = {.o = o};
	int option;

	*o = (struct run_options){
	    .want.under = UINT64_MAX,
	    .style.terminal = isatty(STDOUT_FILENO),
	    .limit = ROWS_DEFAULT,
	    .timeout_ms = TIMEOUT_DEFAULT * 1000,
	};
	while (
	    (option = opt_next(argc, argv, short_options, long_options)) != -1)
		if (!take_form(o, option) && !take_want(&o->want, option))
			take_other(&r, option);
	o->want.words = argv + optind;
	o->want.word_count = (size_t)(argc - optind);
	finish(&r);
}
