#include "lib/log.h"

#include <errno.h>
#include <limits.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/tap.h"

/*
 * Run talk in a child whose standard error is a pipe, and read what
 * it wrote. Returns its exit status.
 */
static int
overhear(void (*talk)(void), char *text, size_t size)
{
	int ends[2], status;
	size_t len = 0;
	ssize_t n;
	pid_t child;

	if (pipe(ends) < 0 || (child = fork()) < 0)
		abort();
	if (child == 0) {
		dup2(ends[1], STDERR_FILENO);
		talk();
		_exit(0);
	}
	close(ends[1]);
	while ((n = read(ends[0], text + len, size - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	close(ends[0]);
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
says(void (*talk)(void), const char *want, const char *sentence)
{
	char text[2 * PIPE_BUF];

	overhear(talk, text, sizeof text);
	tap_is_str(text, want, sentence);
}

static void
talk_at_every_level(void)
{
	log_warnx("warning %d", 1);
	log_info("information %d", 2);
	log_debug("debugging %d", 3);
}

static void
talk_quietly(void)
{
	log_open("quiet", LOG_LEVEL_QUIET);
	talk_at_every_level();
}

static void
talk_usually(void)
{
	log_open("usual", LOG_LEVEL_INFO);
	talk_at_every_level();
}

static void
talk_much(void)
{
	log_open("much", LOG_LEVEL_DEBUG);
	talk_at_every_level();
}

static void
test_levels(void)
{
	says(talk_at_every_level,
	    "naputils: warning 1\nnaputils: information 2\n",
	    "before it is opened the log has a name and a level");
	says(talk_quietly, "quiet: warning 1\n", "QUIET leaves warnings");
	says(talk_usually, "usual: warning 1\nusual: information 2\n",
	    "INFO adds information");
	says(talk_much,
	    "much: warning 1\nmuch: information 2\nmuch: debugging 3\n",
	    "DEBUG adds the rest");
}

static void
talk_of_errno(void)
{
	errno = ENOENT;
	log_warn("open %s", "x");
	if (errno == ENOENT)
		log_warnx("kept");
}

static void
talk_to_nobody(void)
{
	int spare = dup(STDERR_FILENO);

	close(STDERR_FILENO);
	errno = ENOENT;
	log_warn("lost");
	log_info("lost");
	dup2(spare, STDERR_FILENO);
	log_warn("still");
}

static void
test_errno(void)
{
	char want[100];

	snprintf(want, sizeof want, "naputils: open x: %s\nnaputils: kept\n",
	    strerror(ENOENT));
	says(talk_of_errno, want, "warn says what errno says and keeps it");
	snprintf(want, sizeof want, "naputils: still: %s\n", strerror(ENOENT));
	says(talk_to_nobody, want, "a failing write leaves errno alone too");
}

static void
talk_badly(void)
{
	log_warnx("got '%s'", "a\nroot: b\x1b[2J\xff\\");
}

static void
test_visible(void)
{
	says(talk_badly, "naputils: got 'a\\x0aroot: b\\x1b[2J\\xff\\\\'\n",
	    "no control byte passes, and a message stays one line");
}

static void
talk_long(void)
{
	static char name[3 * PIPE_BUF];

	memset(name, 'x', sizeof name - 1);
	errno = ENOENT;
	log_warn("open %s", name);
}

static void
talk_long_controls(void)
{
	static char name[PIPE_BUF];

	memset(name, '\a', sizeof name - 1);
	log_warnx("%s", name);
}

static void
test_long(void)
{
	char text[4 * PIPE_BUF], end[100];
	size_t len;

	snprintf(end, sizeof end, "xxx...: %s\n", strerror(ENOENT));
	overhear(talk_long, text, sizeof text);
	len = strlen(text);
	tap_ok(len > 2000 && len <= PIPE_BUF,
	    "a long message is cut to what a pipe keeps whole");
	tap_ok(!strncmp(text, "naputils: open xxx", 18), "its begin is kept");
	tap_is_str(text + len - strlen(end), end, "so are the error and LF");
	overhear(talk_long_controls, text, sizeof text);
	len = strlen(text);
	tap_is_str(
	    text + len - 8, "\\x07...\n", "it is never cut within an escape");
}

static void
exit_with_error(void)
{
	errno = EACCES;
	die(3, "open %s", "x");
}

static void
exit_without_error(void)
{
	log_open("nget", LOG_LEVEL_QUIET);
	diex(2, "no locator given");
}

static void
test_die(void)
{
	char text[200], want[100];

	tap_is_num(overhear(exit_with_error, text, sizeof text), 3,
	    "die exits with the status given");
	snprintf(want, sizeof want, "naputils: open x: %s\n", strerror(EACCES));
	tap_is_str(text, want, "and says what errno says");
	tap_is_num(
	    overhear(exit_without_error, text, sizeof text), 2, "so does diex");
	tap_is_str(text, "nget: no locator given\n", "which says its text");
}

static void
talk_to_syslog(void)
{
	log_to_syslog();
	talk_at_every_level();
}

static void
test_syslog(void)
{
	says(talk_to_syslog, "", "what goes to syslog leaves the terminal");
}

int
main(void)
{
	test_levels();
	test_errno();
	test_visible();
	test_long();
	test_die();
	test_syslog();
	return tap_done();
}
