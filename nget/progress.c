#include "progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/num.h"
#include "lib/rune.h"

#define TICK_MS 250
#define TICKS_A_SECOND (1000 / TICK_MS)

/* How much a new measurement counts against what the speed was. */
#define SMOOTHING 8

#define WIDTH_DEFAULT 80
#define WIDTH_MAX 1000
#define NAME_MIN 8

/* Who sends is shown where the name does not suffer. */
#define SOURCE_COLUMNS 21
#define NAME_FAIR 16

/* More than a terminal has lines need not be drawn. */
#define ROWS_MAX 16

/* A character of these is as wide as two, or may be. */
#define WIDE_FROM 0x1100

#define ERASE_LINE "\r\033[K"
#define LINE_UP "\033[A"

struct progress {
	struct loop *loop;
	struct loop_timer tick;
	struct progress_row *rows;
	size_t drawn; /* lines, in the last of which the cursor is */
};

/* The columns that a well-formed character takes, at most. */
static unsigned
rune_width(uint32_t rune)
{
	return rune >= WIDE_FROM ? 2 : 1;
}

/* Append as much of text, which is visible, as fits; returns the columns. */
static unsigned
add_clipped(struct buf *out, struct slice text, unsigned width)
{
	unsigned used = 0;
	uint32_t rune;
	size_t n;

	while (text.len && (n = rune_decode(text, &rune)) > 0) {
		if (used + rune_width(rune) > width ||
		    buf_add(out, text.ptr, n) < 0)
			break;
		used += rune_width(rune);
		text = slice_skip(text, n);
	}
	return used;
}

/* A text in exactly width columns. */
static int
add_text(struct buf *out, const char *text, unsigned width)
{
	char mem[1024];
	struct buf visible;
	unsigned used;

	buf_borrow(&visible, mem, sizeof mem);
	(void)rune_visible(&visible, slice_str(text));
	used = add_clipped(out, buf_slice(&visible), width);
	return buf_printf(out, "%*s", (int)(width - used), "");
}

static void
format_left(const struct progress_state *s, char *text, size_t size)
{
	uint64_t seconds;

	*text = '\0';
	if (s->speed == 0 || s->total <= s->have)
		return;
	seconds = (s->total - s->have) / s->speed;
	if (seconds >= 360000)
		return;
	snprintf(text, size, "%u:%02u:%02u", (unsigned)(seconds / 3600),
	    (unsigned)(seconds / 60 % 60), (unsigned)(seconds % 60));
}

static unsigned
percent(const struct progress_state *s)
{
	if (s->have >= s->total)
		return 100;
	return (unsigned)((double)s->have / (double)s->total * 100);
}

/* What follows the texts: percent, size, rate, time left. */
static void
format_figures(const struct progress_state *s, char *text, size_t size)
{
	char have[NUM_SIZE_TEXT], speed[NUM_SIZE_TEXT], left[32], part[8] = "";

	if (s->total)
		snprintf(part, sizeof part, "%u%%", percent(s));
	format_left(s, left, sizeof left);
	snprintf(text, size, " %4s %6s %6s/s %8s", part,
	    num_size_text(s->have, have), num_size_text(s->speed, speed), left);
}

int
progress_line(struct buf *out, const struct progress_state *s, unsigned width)
{
	char figures[128];
	unsigned room;

	format_figures(s, figures, sizeof figures);
	room = (unsigned)strlen(figures);
	if (width < room + NAME_MIN)
		return add_text(out, s->name, width);
	width -= room;
	if (s->source && width > NAME_FAIR + SOURCE_COLUMNS) {
		width -= SOURCE_COLUMNS + 1;
		if (add_text(out, s->name, width) < 0 ||
		    buf_add_str(out, " ") < 0 ||
		    add_text(out, s->source, SOURCE_COLUMNS) < 0)
			return -1;
	} else if (add_text(out, s->name, width) < 0) {
		return -1;
	}
	return buf_add_str(out, figures);
}

static unsigned
window_width(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
		return WIDTH_DEFAULT;
	return size.ws_col < WIDTH_MAX ? size.ws_col : WIDTH_MAX;
}

static void
put(struct buf *out)
{
	struct slice text = buf_slice(out);

	if (write(STDERR_FILENO, text.ptr, text.len) < 0)
		buf_truncate(out, 0);
}

/* Back to an empty line where the first was. */
static void
erase(struct progress *p, struct buf *out)
{
	for (size_t i = 0; i < p->drawn; i++)
		if (buf_add_str(out, i ? LINE_UP ERASE_LINE : ERASE_LINE) < 0)
			return;
	p->drawn = 0;
}

static void
draw_row(struct progress *p, const struct progress_row *row, struct buf *out)
{
	const struct progress_state state = {
	    .name = row->name,
	    .source = row->source,
	    .have = *row->have,
	    .total = *row->total,
	    .speed = row->speed,
	};

	if (p->drawn && buf_add_str(out, "\n") < 0)
		return;
	p->drawn++;
	/* The last column makes some terminals begin a new line. */
	(void)progress_line(out, &state, window_width() - 1);
}

static void
draw(struct progress *p)
{
	char mem[32768];
	struct buf out;

	buf_borrow(&out, mem, sizeof mem);
	erase(p, &out);
	for (struct progress_row *row = p->rows; row; row = row->next)
		if (p->drawn < ROWS_MAX)
			draw_row(p, row, &out);
	put(&out);
}

/* A restart counts as standing still. */
static void
measure(struct progress_row *row)
{
	uint64_t have = *row->have;
	uint64_t now = have > row->last ? (have - row->last) * TICKS_A_SECOND
					: 0;

	if (row->speed == 0)
		row->speed = now;
	else
		row->speed += now / SMOOTHING - row->speed / SMOOTHING;
	row->last = have;
}

static void
on_tick(struct loop_timer *timer)
{
	struct progress *p = LOOP_OWNER(timer, struct progress, tick);

	if (!p->rows)
		return;
	for (struct progress_row *row = p->rows; row; row = row->next)
		measure(row);
	draw(p);
	(void)loop_timer_set(p->loop, &p->tick, TICK_MS);
}

struct progress *
progress_new(struct loop *loop)
{
	struct progress *p;

	if (!isatty(STDERR_FILENO))
		return NULL;
	p = calloc(1, sizeof *p);
	if (!p)
		return NULL;
	p->loop = loop;
	p->tick.fire = on_tick;
	return p;
}

void
progress_free(struct progress *p)
{
	if (!p)
		return;
	progress_break(p);
	loop_timer_cancel(p->loop, &p->tick);
	free(p);
}

void
progress_add(struct progress *p, struct progress_row *row)
{
	struct progress_row **last;

	if (!p)
		return;
	row->next = NULL;
	row->last = *row->have;
	row->speed = 0;
	for (last = &p->rows; *last; last = &(*last)->next)
		;
	*last = row;
	if (!loop_timer_is_set(&p->tick))
		(void)loop_timer_set(p->loop, &p->tick, TICK_MS);
}

void
progress_remove(struct progress *p, struct progress_row *row)
{
	struct progress_row **at;

	if (!p)
		return;
	progress_break(p);
	for (at = &p->rows; *at && *at != row; at = &(*at)->next)
		;
	if (*at)
		*at = row->next;
}

void
progress_break(struct progress *p)
{
	char mem[256];
	struct buf out;

	if (!p || p->drawn == 0)
		return;
	buf_borrow(&out, mem, sizeof mem);
	erase(p, &out);
	put(&out);
}
