#ifndef NAP_OPT_H
#define NAP_OPT_H

#include <stdint.h>

/*
 * What the command lines of the programs have in common (GNU conventions).
 * These end the program: a usage error is one line and status 2.
 */

#define OPT_USAGE_STATUS 2

/* "program: text; try --help" on standard error, and exit. */
_Noreturn void opt_usage(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

struct option;

/* As getopt_long, but what is wrong with an option is told by opt_usage. */
int opt_next(int argc, char *const argv[], const char *letters,
    const struct option *table);

/*
 * Print help (version) on standard output and exit with 0, or with
 * OPT_USAGE_STATUS when that fails.
 */
_Noreturn void opt_help(const char *text);
_Noreturn void opt_version(const char *program);

/* The argument of an option as a number from min to max, or opt_usage. */
uint64_t opt_number(
    const char *option, const char *text, uint64_t min, uint64_t max);

/* The same for a count of bytes ("64K"). */
uint64_t opt_size(const char *option, const char *text);

/* Flush standard output; a failure is reported and returned as -1. */
int opt_flush(void);

#endif
