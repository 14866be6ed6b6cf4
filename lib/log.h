#ifndef NAP_LOG_H
#define NAP_LOG_H

#include <stdarg.h>
#include <stdbool.h>

/*
 * Talk: what a program says beside its data, one line a call, on standard error
 * as "program: text" or to syslog. Whatever a message quotes, no control byte
 * of it reaches a terminal (rune_visible). Safe from any thread.
 */

enum log_level {
	LOG_LEVEL_QUIET, /* errors and warnings only */
	LOG_LEVEL_INFO, /* what an operator wants to see */
	LOG_LEVEL_DEBUG
};

/* program is kept by reference. Until called: "naputils", INFO. */
void log_open(const char *program, enum log_level level);

/* From now on to syslog, facility daemon. */
void log_to_syslog(void);

/* Warnings: the first appends ": " and what errno says. */
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warnx(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* For programs alone: say it as a warning and exit with status. */
_Noreturn void die(int status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
_Noreturn void diex(int status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
