#include "log.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>
#include <unistd.h>

#include "buf.h"
#include "rune.h"
#include "slice.h"

/* A pipe keeps lines of this length whole (PIPE_BUF). */
#define LOG_LINE_BYTES 4096

/* What is kept of it for the program's name, the error and the end. */
#define LOG_AROUND_BYTES 256

/* The one mutable state at file scope: a program talks from everywhere. */
static struct {
	_Atomic(const char *) program;
	atomic_int level;
	atomic_bool to_syslog;
} state = {"naputils", LOG_LEVEL_INFO, false};

void
log_open(const char *program, enum log_level level)
{
	atomic_store(&state.program, program);
	atomic_store(&state.level, (int)level);
}

void
log_to_syslog(void)
{
	openlog(atomic_load(&state.program), LOG_PID, LOG_DAEMON);
	atomic_store(&state.to_syslog, true);
}

static bool
is_wanted(int priority)
{
	static const int last_wanted[] = {
	    [LOG_LEVEL_QUIET] = LOG_WARNING,
	    [LOG_LEVEL_INFO] = LOG_INFO,
	    [LOG_LEVEL_DEBUG] = LOG_DEBUG,
	};

	return priority <= last_wanted[atomic_load(&state.level)];
}

/* Append the message made visible; what is too long ends in dots. */
__attribute__((format(printf, 2, 0))) static void
add_message(struct buf *line, const char *format, va_list args)
{
	char raw[LOG_LINE_BYTES], shown[LOG_LINE_BYTES - LOG_AROUND_BYTES];
	struct buf text;
	bool whole;

	buf_borrow(&text, shown, sizeof shown);
	whole = vsnprintf(raw, sizeof raw, format, args) >= 0 &&
	    rune_visible(&text, slice_str(raw)) == 0;
	buf_add_slice(line, buf_slice(&text));
	if (!whole)
		buf_add_str(line, "...");
}

/* One write a line, so that those of several processes do not mix. */
static void
write_line(struct buf *line)
{
	struct slice text;
	ssize_t n = 0;

	buf_add_str(line, "\n");
	text = buf_slice(line);
	do {
		text = slice_skip(text, n > 0 ? (size_t)n : 0);
		n = write(STDERR_FILENO, text.ptr, text.len);
	} while ((n > 0 && (size_t)n < text.len) || (n < 0 && errno == EINTR));
}

__attribute__((format(printf, 3, 0))) static void
say(int priority, const char *error, const char *format, va_list args)
{
	bool to_syslog = atomic_load(&state.to_syslog);
	int saved = errno;
	char mem[LOG_LINE_BYTES];
	struct buf line;

	if (!is_wanted(priority))
		return;
	buf_borrow(&line, mem, sizeof mem);
	if (!to_syslog)
		buf_printf(&line, "%.64s: ", atomic_load(&state.program));
	add_message(&line, format, args);
	if (error)
		buf_printf(&line, ": %.128s", error);
	if (to_syslog)
		syslog(priority, "%.*s", (int)buf_len(&line), mem);
	else
		write_line(&line);
	errno = saved;
}

void
log_warn(const char *format, ...)
{
	int saved = errno;
	va_list args;

	va_start(args, format);
	say(LOG_WARNING, strerror(saved), format, args);
	va_end(args);
	errno = saved;
}

void
log_warnx(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(LOG_WARNING, NULL, format, args);
	va_end(args);
}

void
log_info(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(LOG_INFO, NULL, format, args);
	va_end(args);
}

void
log_debug(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(LOG_DEBUG, NULL, format, args);
	va_end(args);
}

void
die(int status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(LOG_WARNING, strerror(errno), format, args);
	va_end(args);
	exit(status);
}

void
diex(int status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(LOG_WARNING, NULL, format, args);
	va_end(args);
	exit(status);
}
