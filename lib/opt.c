#include "opt.h"

#include "config.h"

#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "log.h"
#include "num.h"
#include "slice.h"

void
opt_usage(const char *format, ...)
{
	char text[OPT_WHY_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	diex(OPT_USAGE_STATUS, "%s; try --help", text);
}

void
opt_misread(const char *why)
{
	diex(OPT_USAGE_STATUS, "%s", why);
}

int
opt_refuse(struct opt *given, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(given->why, sizeof given->why, format, args);
	va_end(args);
	return -1;
}

/* getopt_long leaves a letter in optopt, or the long option behind optind. */
_Noreturn static void
complain(char *const argv[], const char *what)
{
	if (optopt > 0 && optopt <= UCHAR_MAX)
		opt_usage("option -%c %s", optopt, what);
	opt_usage("option %s %s", argv[optind - 1], what);
}

static int
next(const struct opt_program *program, int argc, char *const argv[])
{
	char quiet[128];
	int option;

	/* With a colon in front it tells what is missing from what is unknown. */
	snprintf(quiet, sizeof quiet, ":%s", program->letters);
	option = getopt_long(argc, argv, quiet, program->table, NULL);
	if (option == ':')
		complain(argv, "wants an argument");
	if (option == '?')
		complain(argv, "is not one of ours, or not used like this");
	return option;
}

static const char *
name_of(const struct option *table, int option)
{
	for (; table->name; table++)
		if (table->val == option)
			return table->name;
	return "";
}

int
opt_read(
    const struct opt_program *program, int argc, char *const argv[], void *to)
{
	struct opt given = {.source = OPT_COMMAND_LINE};

	/* From the beginning, also where it was read before. */
	optind = 0;
	while ((given.option = next(program, argc, argv)) != -1) {
		given.name = name_of(program->table, given.option);
		given.text = optarg;
		if (program->take(to, &given) < 0)
			opt_usage("%s", given.why);
	}
	return optind;
}

bool
opt_replaces(const struct opt *given, int *source)
{
	bool later = given->source != *source;

	*source = given->source;
	return later;
}

int
opt_flush(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	log_warn("standard output");
	return -1;
}

void
opt_help(const char *text)
{
	fputs(text, stdout);
	exit(opt_flush() < 0 ? OPT_USAGE_STATUS : 0);
}

void
opt_version(const char *program)
{
	printf("%s (naputils) %s\n", program, PACKAGE_VERSION);
	exit(opt_flush() < 0 ? OPT_USAGE_STATUS : 0);
}

int
opt_number(struct opt *given, uint64_t min, uint64_t max, uint64_t *value)
{
	if (num_parse(slice_str(given->text), min, max, value) == 0)
		return 0;
	return opt_refuse(given,
	    "--%s wants a number from %llu to %llu, not '%s'", given->name,
	    (unsigned long long)min, (unsigned long long)max, given->text);
}

int
opt_size(struct opt *given, uint64_t *value)
{
	if (num_parse_size(slice_str(given->text), value) == 0)
		return 0;
	return opt_refuse(given,
	    "--%s wants a size such as 500, 64K or 2G, not '%s'", given->name,
	    given->text);
}
