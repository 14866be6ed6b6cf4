#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "lib/indexes.h"
#include "lib/log.h"
#include "lib/num.h"
#include "lib/opt.h"
#include "transfer.h"

#define PEER_PORT 9000
#define TIMEOUT_DEFAULT 30
#define TIMEOUT_MAX 86400
#define FILES_MAX 256

static const char help[] =
    "Usage: nget [OPTION]... LOCATOR...\n"
    "  or:  nget [OPTION]... HOST:PORT NAME...\n"
    "  or:  nget [OPTION]... -           (locators from standard input)\n"
    "  or:  nget --list HOST:PORT\n"
    "Fetch files from the peers that share them, and print what was saved.\n"
    "\n"
    "  -o, --output FILE        save as FILE; -: standard output\n"
    "  -d, --directory DIR      save in DIR\n"
    "  -f, --force              replace files that are there already\n"
    "      --no-continue        start interrupted transfers again\n"
    "      --digest sha256:HEX  what the content must be\n"
    "  -m, --multiple           all LOCATORs are sources of one file\n"
    "  -j, --jobs N             N files at a time (1)\n"
    "      --rate BYTES         no more bytes (64K, 2M) a second, in all\n"
    "      --timeout SECONDS    wait no longer for a byte (30)\n"
    "      --list HOST:PORT     print what that peer shares\n"
    "  -I, --index HOST[:PORT]  the index to ask for other sources; may be\n"
    "                           repeated ($NAP_INDEX, else localhost:8080)\n"
    "  -q, --quiet              no progress, no talk but errors\n"
    "  -v, --verbose            say more\n"
    "  -h, --help               this text\n"
    "  -V, --version            the version\n"
    "\n"
    "Status: 0 all fetched; else what went wrong first: 1 not found, 2 wrong\n"
    "usage, 3 no connection, 4 digest mismatch, 5 a file here, 6 refused.\n";

enum { OPT_DIGEST = 256, OPT_LIST, OPT_NO_CONTINUE, OPT_RATE, OPT_TIMEOUT };

static const char short_options[] = "I:Vd:fhj:mo:qv";

static const struct option long_options[] = {
    {"digest", required_argument, NULL, OPT_DIGEST},
    {"directory", required_argument, NULL, 'd'},
    {"force", no_argument, NULL, 'f'},
    {"help", no_argument, NULL, 'h'},
    {"index", required_argument, NULL, 'I'},
    {"jobs", required_argument, NULL, 'j'},
    {"list", required_argument, NULL, OPT_LIST},
    {"multiple", no_argument, NULL, 'm'},
    {"no-continue", no_argument, NULL, OPT_NO_CONTINUE},
    {"output", required_argument, NULL, 'o'},
    {"quiet", no_argument, NULL, 'q'},
    {"rate", required_argument, NULL, OPT_RATE},
    {"timeout", required_argument, NULL, OPT_TIMEOUT},
    {"verbose", no_argument, NULL, 'v'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

/* What the options are gathered in. */
struct reading {
	struct options *o;
	bool verbose;
};

static void
take_digest(struct reading *r)
{
	struct slice name = SLICE("sha256:"), text = slice_str(optarg);
	struct digest *d = &r->o->settings.digest;

	if (!slice_starts(text, name) ||
	    num_parse_hex(
		slice_skip(text, name.len), d->bytes, DIGEST_BYTES, true) < 0)
		opt_usage("--digest wants sha256: and 64 hexadecimal digits, "
			  "not '%s'",
		    optarg);
	d->known = true;
}

static void
take_directory(struct reading *r)
{
	r->o->settings.directory = *optarg ? optarg : ".";
}

static void
take_force(struct reading *r)
{
	r->o->settings.replace = true;
}

static void
take_index(struct reading *r)
{
	struct indexes *indexes = &r->o->settings.indexes;
	const char *why = "it names no index";

	if (indexes_parse(slice_str(optarg), indexes, &why) < 0 ||
	    indexes->count == 0)
		opt_usage("--index '%s': %s", optarg, why);
}

static void
take_jobs(struct reading *r)
{
	r->o->settings.files = (unsigned)opt_number(
	    "--jobs", optarg, 1, FILES_MAX);
}

static void
take_host(struct reading *r, const char *text)
{
	if (locator_host_parse(
		slice_str(text), PEER_PORT, false, &r->o->host) == 0 &&
	    strcmp(r->o->host.name, "*") != 0)
		return;
	if (errno == ERANGE)
		opt_usage("the port of '%s' is not between 1 and 65535", text);
	opt_usage("'%s' is neither a locator nor HOST:PORT", text);
}

static void
take_list(struct reading *r)
{
	r->o->list = true;
	take_host(r, optarg);
}

static void
take_multiple(struct reading *r)
{
	r->o->settings.multiple = true;
}

static void
take_no_continue(struct reading *r)
{
	r->o->settings.no_continue = true;
}

static void
take_output(struct reading *r)
{
	if (!*optarg)
		opt_usage("-o wants the name of a file");
	r->o->settings.output = optarg;
}

static void
take_quiet(struct reading *r)
{
	r->o->settings.quiet = true;
}

static void
take_rate(struct reading *r)
{
	r->o->settings.rate = opt_size("--rate", optarg);
}

static void
take_timeout(struct reading *r)
{
	r->o->settings.timeout_ms = 1000 *
	    (int64_t)opt_number("--timeout", optarg, 1, TIMEOUT_MAX);
}

static void
take_verbose(struct reading *r)
{
	r->verbose = true;
}

static void
take_help(struct reading *r)
{
	(void)r;
	opt_help(help);
}

static void
take_version(struct reading *r)
{
	(void)r;
	opt_version("nget");
}

static void
take_option(struct reading *r, int option)
{
	static const struct {
		int option;
		void (*take)(struct reading *r);
	} takers[] = {
	    {OPT_DIGEST, take_digest},
	    {OPT_LIST, take_list},
	    {OPT_NO_CONTINUE, take_no_continue},
	    {OPT_RATE, take_rate},
	    {OPT_TIMEOUT, take_timeout},
	    {'I', take_index},
	    {'V', take_version},
	    {'d', take_directory},
	    {'f', take_force},
	    {'h', take_help},
	    {'j', take_jobs},
	    {'m', take_multiple},
	    {'o', take_output},
	    {'q', take_quiet},
	    {'v', take_verbose},
	};

	for (size_t i = 0; i < sizeof takers / sizeof *takers; i++)
		if (takers[i].option == option)
			takers[i].take(r);
}

/* The first operand tells what the others are. */
static void
take_operands(struct reading *r, char **list, size_t count)
{
	struct run_operands *operands = &r->o->operands;

	if (count == 0)
		opt_usage("no locator given");
	*operands = (struct run_operands){.list = list, .count = count};
	if (!strcmp(list[0], "-")) {
		if (count > 1)
			opt_usage("- stands alone, not before '%s'", list[1]);
		operands->from_stdin = true;
		return;
	}
	if (strchr(list[0], '/'))
		return;
	take_host(r, list[0]);
	if (count == 1)
		opt_usage("no name given after '%s'", list[0]);
	operands->host = &r->o->host;
	operands->list++;
	operands->count--;
}

static void
check_multiple(struct options *o)
{
	if (o->list)
		opt_usage("-m makes no sense with --list");
	if (o->operands.from_stdin)
		opt_usage("-m takes no locators from standard input");
	if (o->operands.host)
		opt_usage("-m wants locators, not HOST:PORT and names");
	if (o->operands.count <= TRANSFER_SOURCES)
		return;
	log_warnx("of %zu locators the first %d are used", o->operands.count,
	    TRANSFER_SOURCES);
	o->operands.count = TRANSFER_SOURCES;
}

static void
check(struct options *o)
{
	if (o->settings.multiple)
		check_multiple(o);
	if (o->settings.multiple || o->operands.count < 2)
		return;
	if (o->settings.output)
		opt_usage("-o is for one locator only");
	if (o->settings.digest.known)
		opt_usage("--digest is for one locator only");
}

/*
 * An index may never be asked, so that a wrong one in the environment must not
 * keep a file from being fetched; nor is another one asked in its place.
 */
static void
find_indexes(struct options *o)
{
	const char *named = getenv("NAP_INDEX"), *why;

	if (o->list || indexes_default(&o->settings.indexes, named, &why) == 0)
		return;
	log_warnx("NAP_INDEX '%.200s': %s; no index will be asked",
	    named ? named : "", why);
}

void
options_read(int argc, char **argv, struct options *o)
{
	struct reading r = {.o = o};
	int option;

	*o = (struct options){
	    .settings = {.files = 1, .timeout_ms = 1000 * TIMEOUT_DEFAULT},
	};
	while (
	    (option = opt_next(argc, argv, short_options, long_options)) != -1)
		take_option(&r, option);
	if (!o->list)
		take_operands(&r, argv + optind, (size_t)(argc - optind));
	else if (optind < argc)
		opt_usage("--list takes no further operand");
	check(o);
	if (o->settings.quiet)
		log_open("nget", LOG_LEVEL_QUIET);
	else if (r.verbose)
		log_open("nget", LOG_LEVEL_DEBUG);
	find_indexes(o);
}

void
options_free(struct options *o)
{
	indexes_free(&o->settings.indexes);
}
