#include "script.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "honest.h"
#include "sending.h"

#define LINE_MAX_BYTES 65536
#define NUMBER_MAX 1000000000000
#define AWAIT_MS 10

enum outcome { GO_ON, END, FAIL };

/* A connection, and what was read of it beyond the lines taken. */
struct peer {
	int fd;
	size_t at, len;
	char in[LINE_MAX_BYTES];
};

struct line {
	const char *ptr;
	size_t len;
};

enum argument { NONE, TEXT, NUMBER, ESCAPED, SLOWNESS, STRETCH };

struct command {
	const char *name;
	enum outcome (*run)(struct peer *peer, const char *argument);
	enum argument argument;
};

struct step {
	const struct command *command;
	char *argument;
};

static void
bad(const char *what, const char *text)
{
	fprintf(stderr, "puppet: %s: %s\n", what, text);
	exit(2);
}

static bool
is_number(const char *text)
{
	return *text && strspn(text, "0123456789") == strlen(text) &&
	    strtoull(text, NULL, 10) <= NUMBER_MAX;
}

/* The number at the front of text, which is moved on behind the blank. */
static bool
take_number(const char **text, uint64_t *n)
{
	size_t digits = strspn(*text, "0123456789");

	if (digits == 0 || digits > 12 || (*text)[digits] != ' ')
		return false;
	*n = strtoull(*text, NULL, 10);
	*text += digits + 1;
	return true;
}

/* Read more; false at the end of the stream or when a line is too long. */
static bool
read_more(struct peer *p)
{
	ssize_t n;

	memmove(p->in, p->in + p->at, p->len - p->at);
	p->len -= p->at;
	p->at = 0;
	do
		n = recv(p->fd, p->in + p->len, LINE_MAX_BYTES - p->len, 0);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		p->len += (size_t)n;
	return n > 0;
}

static bool
take_line(struct peer *p, struct line *line)
{
	char *end;

	while (!(end = memchr(p->in + p->at, '\n', p->len - p->at)))
		if (!read_more(p))
			return false;
	*line = (struct line){p->in + p->at, (size_t)(end - p->in) - p->at};
	p->at += line->len + 1;
	if (line->len > 0 && line->ptr[line->len - 1] == '\r')
		line->len--;
	return true;
}

static bool
is_text(struct line line, const char *text)
{
	return line.len == strlen(text) && !memcmp(line.ptr, text, line.len);
}

static enum outcome
no_line(const struct peer *p)
{
	fprintf(stderr, "puppet: got no line but '%.*s'\n",
	    (int)(p->len - p->at), p->in + p->at);
	return FAIL;
}

static void
print_line(struct line line)
{
	flockfile(stdout);
	fputs("got: ", stdout);
	fwrite(line.ptr, 1, line.len, stdout);
	putchar('\n');
	fflush(stdout);
	funlockfile(stdout);
}

static enum outcome
run_expect(struct peer *p, const char *text)
{
	struct line line;

	if (!take_line(p, &line))
		return no_line(p);
	if (is_text(line, text))
		return GO_ON;
	fprintf(stderr, "puppet: got '%.*s'\n", (int)line.len, line.ptr);
	return FAIL;
}

static enum outcome
run_line(struct peer *p, const char *argument)
{
	struct line line;

	(void)argument;
	if (!take_line(p, &line))
		return no_line(p);
	print_line(line);
	return GO_ON;
}

static enum outcome
run_lines_until(struct peer *p, const char *text)
{
	struct line line;

	do {
		if (!take_line(p, &line))
			return no_line(p);
		print_line(line);
	} while (!is_text(line, text));
	return GO_ON;
}

static enum outcome
run_head(struct peer *p, const char *argument)
{
	struct line line;

	(void)argument;
	do {
		if (!take_line(p, &line))
			return no_line(p);
	} while (line.len > 0);
	return GO_ON;
}

/* A client that has left ends a script; one that lacks a file has failed. */
static enum outcome
after(enum sent sent)
{
	static const enum outcome outcomes[] = {
	    [SENT] = GO_ON,
	    [SENT_NOT] = END,
	    [SENT_UNREADABLE] = FAIL,
	};

	return outcomes[sent];
}

static int
hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c | (c >= 'A' ? 0x20 : 0)) : NULL;

	return at ? (int)(at - digits) : -1;
}

/*
 * The byte at the front of text, which is moved on behind it; -1 for an escape
 * that is none of ours.
 */
static int
take_byte(const char **text)
{
	static const char names[] = "nrt0\\", bytes[] = "\n\r\t\0\\";
	const char *p = *text, *name;
	int high, low;

	if (*p != '\\') {
		*text += 1;
		return (unsigned char)*p;
	}
	if (p[1] == 'x') {
		high = hex_digit(p[2]);
		low = high < 0 ? -1 : hex_digit(p[3]);
		*text += 4;
		return low < 0 ? -1 : high << 4 | low;
	}
	name = p[1] ? strchr(names, p[1]) : NULL;
	*text += 2;
	return name ? bytes[name - names] : -1;
}

static bool
is_escaped(const char *text)
{
	while (*text)
		if (take_byte(&text) < 0)
			return false;
	return true;
}

static enum outcome
run_send(struct peer *p, const char *text)
{
	char *bytes = malloc(strlen(text) + 1);
	enum outcome outcome;
	size_t n = 0;

	if (!bytes)
		bad("send", strerror(errno));
	while (*text)
		bytes[n++] = (char)take_byte(&text);
	outcome = after(send_all(p->fd, bytes, n));
	free(bytes);
	return outcome;
}

static enum outcome
run_fill(struct peer *p, const char *count)
{
	return after(send_filling(p->fd, strtoull(count, NULL, 10)));
}

static enum outcome
run_file(struct peer *p, const char *path)
{
	const struct stretch all = {path, 0, UINT64_MAX};

	return after(send_stretch(p->fd, &all));
}

static enum outcome
run_part(struct peer *p, const char *argument)
{
	struct stretch s;

	take_number(&argument, &s.from);
	take_number(&argument, &s.length);
	s.path = argument;
	return after(send_stretch(p->fd, &s));
}

static enum outcome
run_trickle(struct peer *p, const char *argument)
{
	uint64_t ms;

	take_number(&argument, &ms);
	return after(send_slowly(p->fd, argument, ms));
}

static enum outcome
run_serve(struct peer *p, const char *path)
{
	struct honest honest = {0};
	struct line line;

	do {
		if (!take_line(p, &line))
			return no_line(p);
		if (honest_hear(&honest, line.ptr, line.len))
			print_line(line);
	} while (line.len > 0);
	return after(honest_answer(&honest, p->fd, path));
}

static enum outcome
run_pause(struct peer *p, const char *ms)
{
	(void)p;
	send_nothing(strtoull(ms, NULL, 10));
	return GO_ON;
}

static enum outcome
run_await(struct peer *p, const char *path)
{
	(void)p;
	while (access(path, F_OK) < 0)
		send_nothing(AWAIT_MS);
	return GO_ON;
}

static enum outcome
run_half_close(struct peer *p, const char *argument)
{
	(void)argument;
	shutdown(p->fd, SHUT_WR);
	return GO_ON;
}

static enum outcome
run_wait_close(struct peer *p, const char *argument)
{
	(void)argument;
	do
		p->at = p->len = 0;
	while (read_more(p));
	return GO_ON;
}

static enum outcome
run_close(struct peer *p, const char *argument)
{
	(void)p;
	(void)argument;
	return END;
}

static enum outcome
run_reset(struct peer *p, const char *argument)
{
	struct linger at_once = {.l_onoff = 1, .l_linger = 0};

	(void)argument;
	setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	return END;
}

static const struct command commands[] = {
    {"expect", run_expect, TEXT},
    {"line", run_line, NONE},
    {"lines-until", run_lines_until, TEXT},
    {"head", run_head, NONE},
    {"send", run_send, ESCAPED},
    {"fill", run_fill, NUMBER},
    {"file", run_file, TEXT},
    {"part", run_part, STRETCH},
    {"trickle", run_trickle, SLOWNESS},
    {"serve", run_serve, TEXT},
    {"pause", run_pause, NUMBER},
    {"await", run_await, TEXT},
    {"half-close", run_half_close, NONE},
    {"wait-close", run_wait_close, NONE},
    {"close", run_close, NONE},
    {"reset", run_reset, NONE},
};

static const struct command *
command_named(const char *name)
{
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		if (!strcmp(commands[i].name, name))
			return commands + i;
	bad("no such command", name);
	return NULL;
}

static bool
is_slowness(const char *text)
{
	uint64_t ms;

	return take_number(&text, &ms) && *text;
}

static bool
is_stretch(const char *text)
{
	uint64_t from;

	return take_number(&text, &from) && is_slowness(text);
}

static bool
is_nothing(const char *text)
{
	return !*text;
}

static bool
is_any(const char *text)
{
	(void)text;
	return true;
}

static void
check_argument(const struct command *command, const char *argument)
{
	static const struct {
		bool (*takes)(const char *text);
		const char *what;
	} kinds[] = {
	    [NONE] = {is_nothing, "takes no argument"},
	    [TEXT] = {is_any, ""},
	    [NUMBER] = {is_number, "wants a number"},
	    [ESCAPED] = {is_escaped, "unknown escape"},
	    [SLOWNESS] = {is_slowness, "wants a number and a path"},
	    [STRETCH] = {is_stretch, "wants two numbers and a path"},
	};

	if (!kinds[command->argument].takes(argument))
		bad(command->name, kinds[command->argument].what);
}

static struct step
parse_step(char *line)
{
	struct step step;
	char *name = strsep(&line, " ");

	step.command = command_named(name);
	step.argument = line ? line : name + strlen(name);
	check_argument(step.command, step.argument);
	return step;
}

struct script
script_parse(char *text)
{
	struct script script = {NULL, 0};
	char *line;

	while ((line = strsep(&text, "\n"))) {
		line += strspn(line, " \t");
		if (!*line)
			continue;
		script.steps = realloc(
		    script.steps, (script.n_steps + 1) * sizeof *script.steps);
		if (!script.steps)
			bad("script", strerror(errno));
		script.steps[script.n_steps++] = parse_step(line);
	}
	return script;
}

void
script_free(struct script *script)
{
	free(script->steps);
	*script = (struct script){NULL, 0};
}

static bool
play(const struct script *script, struct peer *peer)
{
	enum outcome outcome = GO_ON;
	const struct step *step = script->steps;

	for (size_t n = script->n_steps; n > 0 && outcome == GO_ON; n--, step++)
		outcome = step->command->run(peer, step->argument);
	return outcome != FAIL;
}

bool
script_play(const struct script *script, int fd)
{
	struct peer *peer = calloc(1, sizeof *peer);
	int on = 1;
	bool well;

	if (!peer)
		bad("connection", strerror(errno));
	peer->fd = fd;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	well = play(script, peer);
	close(fd);
	free(peer);
	return well;
}
