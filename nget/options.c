#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "lib/indexes.h"
#include "lib/log.h"
#include "lib/num.h"
#include "lib/opt.h"
#include "lib/presets.h"
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
    "\n" PRESETS_HELP "\n"
    "Status: 0 all fetched; else what went wrong first: 1 not found, 2 wrong\n"
    "usage, 3 no connection, 4 digest mismatch, 5 a file here, 6 refused.\n";

enum { OPT_DIGEST = 256, OPT_LIST, OPT_NO_CONTINUE, OPT_RATE, OPT_TIMEOUT };

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
	int talk; /* whence that comes, and quiet */
	int indexes; /* and the list of them */
};

static int
take_digest(struct reading *r, struct opt *given)
{
	struct slice name = SLICE("sha256:"), text = slice_str(given->text);
	struct digest *d = &r->o->settings.digest;

	if (!slice_starts(text, name) ||
	    num_parse_hex(
		slice_skip(text, name.len), d->bytes, DIGEST_BYTES, true) < 0)
		return opt_refuse(given,
		    "--digest wants sha256: and 64 hexadecimal digits, "
		    "not '%s'",
		    given->text);
	d->known = true;
	return 0;
}

static int
take_directory(struct reading *r, struct opt *given)
{
	/* Files take back what others said; from a shell, a variable is unset. */
	if (!*given->text && given->source == OPT_COMMAND_LINE)
		return opt_refuse(given, "-d wants the name of a directory");
	r->o->settings.directory = *given->text ? given->text : ".";
	return 0;
}

static int
take_force(struct reading *r, struct opt *given)
{
	r->o->settings.replace = !given->off;
	return 0;
}

static int
take_index(struct reading *r, struct opt *given)
{
	return indexes_take(&r->o->settings.indexes, &r->indexes, given);
}

static int
take_jobs(struct reading *r, struct opt *given)
{
	uint64_t files;

	if (opt_number(given, 1, FILES_MAX, &files) < 0)
		return -1;
	r->o->settings.files = (unsigned)files;
	return 0;
}

/* What is wrong with what should be HOST:PORT, or NULL. */
static const char *
parse_host(const char *text, struct locator_host *host)
{
	errno = 0;
	if (locator_host_parse(slice_str(text), PEER_PORT, false, host) == 0 &&
	    strcmp(host->name, "*") != 0)
		return NULL;
	return errno == ERANGE ? "its port is not between 1 and 65535"
			       : "it is neither a locator nor HOST:PORT";
}

static int
take_list(struct reading *r, struct opt *given)
{
	const char *why = parse_host(given->text, &r->o->host);

	r->o->list = true;
	return why ? opt_refuse(given, "'%s': %s", given->text, why) : 0;
}

static int
take_multiple(struct reading *r, struct opt *given)
{
	r->o->settings.multiple = !given->off;
	return 0;
}

static int
take_no_continue(struct reading *r, struct opt *given)
{
	r->o->settings.no_continue = !given->off;
	return 0;
}

static int
take_output(struct reading *r, struct opt *given)
{
	if (!*given->text)
		return opt_refuse(given, "-o wants the name of a file");
	r->o->settings.output = given->text;
	return 0;
}

static int
take_rate(struct reading *r, struct opt *given)
{
	return opt_size(given, &r->o->settings.rate);
}

static int
take_timeout(struct reading *r, struct opt *given)
{
	uint64_t seconds;

	if (opt_number(given, 1, TIMEOUT_MAX, &seconds) < 0)
		return -1;
	r->o->settings.timeout_ms = 1000 * (int64_t)seconds;
	return 0;
}

/* What a later source says of how much to say counts alone. */
static int
take_talk(struct reading *r, struct opt *given)
{
	bool *quiet = &r->o->settings.quiet;

	if (opt_replaces(given, &r->talk))
		*quiet = r->verbose = false;
	*(given->option == 'q' ? quiet : &r->verbose) = !given->off;
	return 0;
}

static int
take_help(struct reading *r, struct opt *given)
{
	(void)r;
	(void)given;
	opt_help(help);
}

static int
take_version(struct reading *r, struct opt *given)
{
	(void)r;
	(void)given;
	opt_version("nget");
}

static int
take_option(void *to, struct opt *given)
{
	static const struct {
		int option;
		int (*take)(struct reading *r, struct opt *given);
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
	    {'q', take_talk},
	    {'v', take_talk},
	};

	for (size_t i = 0; i < sizeof takers / sizeof *takers; i++)
		if (takers[i].option == given->option)
			return takers[i].take(to, given);
	return 0;
}

static const struct opt_program program = {
    .name = "nget",
    .letters = "I:Vd:fhj:mo:qv",
    .table = long_options,
    .take = take_option,
};

/* The first operand tells what the others are. */
static void
take_operands(struct reading *r, char **list, size_t count)
{
	struct run_operands *operands = &r->o->operands;
	const char *why;

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
	why = parse_host(list[0], &r->o->host);
	if (why)
		opt_usage("'%s': %s", list[0], why);
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
find_indexes(struct reading *r)
{
	const char *named = getenv("NAP_INDEX"), *why;
	struct indexes *indexes = &r->o->settings.indexes;

	if (r->o->list || r->indexes == OPT_COMMAND_LINE ||
	    indexes_default(indexes, named, &why) == 0)
		return;
	indexes_free(indexes);
	log_warnx("NAP_INDEX '%.200s': %s; no index will be asked",
	    named ? named : "", why);
}

void
options_read(int argc, char **argv, struct options *o)
{
	struct reading r = {.o = o};
	int at;

	*o = (struct options){
	    .settings = {.files = 1, .timeout_ms = 1000 * TIMEOUT_DEFAULT},
	};
	at = presets_options(&o->presets, &program, argc, argv, &r);
	if (!o->list)
		take_operands(&r, argv + at, (size_t)(argc - at));
	else if (at < argc)
		opt_usage("--list takes no further operand");
	check(o);
	if (o->settings.quiet)
		log_open("nget", LOG_LEVEL_QUIET);
	else if (r.verbose)
		log_open("nget", LOG_LEVEL_DEBUG);
	find_indexes(&r);
}

void
options_free(struct options *o)
{
	indexes_free(&o->settings.indexes);
	presets_free(&o->presets);
}
