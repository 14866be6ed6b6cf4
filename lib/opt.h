#ifndef NAP_OPT_H
#define NAP_OPT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * What the options of the programs have in common (GNU conventions), on the
 * command line and in the files of presets.
 */

#define OPT_USAGE_STATUS 2

#define OPT_WHY_BYTES 512

struct option;

/* Where an option stands; files come before it, numbered from 1. */
#define OPT_COMMAND_LINE 100

/* An option as it was given. */
struct opt {
	int option; /* its number in the table, or its letter */
	const char
	    *name; /* its long one, without hyphens; "" when it has none */
	const char *text; /* its argument; NULL when it takes none */
	bool off; /* a flag that a file takes back */
	int source; /* what is larger counts instead of what is smaller */
	char why[OPT_WHY_BYTES]; /* it was refused */
};

/* A program's options, as getopt_long has them. */
struct opt_program {
	const char *name;
	const char *letters;
	const struct option *table;
	/*
	 * Note in to what the option says; the text is kept by reference. 0, or
	 * -1 by opt_refuse. --help and --version end the program.
	 */
	int (*take)(void *to, struct opt *given);
};

/* Note why an option is refused. -1. */
int opt_refuse(struct opt *given, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Its argument as a number from min to max. 0, or -1 by opt_refuse. */
int opt_number(struct opt *given, uint64_t min, uint64_t max, uint64_t *value);

/* The same for a count of bytes ("64K"). */
int opt_size(struct opt *given, uint64_t *value);

/*
 * Whether what *source gave, a list perhaps, is to be forgotten, since this
 * option comes from a later one, which *source becomes.
 */
bool opt_replaces(const struct opt *given, int *source);

/*
 * These end the program: a usage error is one line and status 2.
 */

/* "program: text; try --help" on standard error, and exit. */
_Noreturn void opt_usage(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* "program: why": what is wrong with a file. */
_Noreturn void opt_misread(const char *why);

/*
 * Have the program take all options of its command line. Returns the place of
 * the first operand; operands come last then.
 */
int opt_read(
    const struct opt_program *program, int argc, char *const argv[], void *to);

/*
 * Print help (version) on standard output and exit with 0, or with
 * OPT_USAGE_STATUS when that fails.
 */
_Noreturn void opt_help(const char *text);
_Noreturn void opt_version(const char *program);

/* Flush standard output; a failure is reported and returned as -1. */
int opt_flush(void);

#endif
