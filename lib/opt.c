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
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	diex(OPT_USAGE_STATUS, "%s; try --help", text);
}

/* getopt_long leaves a letter in optopt, or the long option behind optind. */
_Noreturn static void
complain(char *const argv[], const char *what)
{
	if (optopt > 0 && optopt <= UCHAR_MAX)
		opt_usage("option -%c %s", optopt, what);
	opt_usage("option %s %s", argv[optind - 1], what);
}

int
opt_next(int argc, char *const argv[], const char *letters,
    const struct option *table)
{
	char quiet[128];
	int option;

	/* With a colon in front it tells what is missing from what is unknown. */
	snprintf(quiet, sizeof quiet, ":%s", letters);
	option = getopt_long(argc, argv, quiet, table, NULL);
	if (option == ':')
		complain(argv, "wants an argument");
	if (option == '?')
		complain(argv, "is not one of ours, or not used like this");
	return option;
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

uint64_t
opt_number(const char *option, const char *text, uint64_t min, uint64_t max)
{
	uint64_t value;

	if (num_parse(slice_str(text), min, max, &value) < 0)
		opt_usage("%s wants a number from %llu to %llu, not '%s'",
		    option, (unsigned long long)min, (unsigned long long)max,
		    text);
	return value;
}

uint64_t
opt_size(const char *option, const char *text)
{
	uint64_t value;

	if (num_parse_size(slice_str(text), &value) < 0)
		opt_usage("%s wants a size such as 500, 64K or 2G, not '%s'",
		    option, text);
	return value;
}
