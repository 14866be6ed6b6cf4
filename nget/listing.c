#include "listing.h"

#include <string.h>

#include "lib/line.h"
#include "lib/path.h"

#define LOCATOR_TEXT (3 * LOCATOR_PATH_BYTES + LOCATOR_HOST_BYTES + 16)

/* The longest line, and some of what follows. */
#define REST_BYTES (2 * LINE_MAX_BYTES)

void
listing_init(struct listing *l, const struct locator_host *host,
    int (*each)(void *owner, struct slice locator), void *owner)
{
	*l = (struct listing){
	    .found = {.host = *host}, .each = each, .owner = owner};
	buf_init(&l->rest, REST_BYTES);
}

void
listing_free(struct listing *l)
{
	buf_free(&l->rest);
}

/* Whether a line can be a percent-encoded path: a page of HTML is none. */
static bool
is_encoded(struct slice line)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._~/%";

	for (size_t i = 0; i < line.len; i++)
		if (!memchr(plain, line.ptr[i], sizeof plain - 1))
			return false;
	return true;
}

/* The path is encoded anew: what is told is a locator, whatever came. */
static int
take_line(struct listing *l, struct slice line)
{
	struct locator *found = &l->found;
	char mem[LOCATOR_TEXT];
	struct buf text;
	ssize_t n = locator_decode(line, found->path, sizeof found->path);

	buf_borrow(&text, mem, sizeof mem);
	if (n < 0 || !is_encoded(line) ||
	    !path_valid(slice_of(found->path, (size_t)n))) {
		l->strange++;
		return 0;
	}
	found->path_len = (size_t)n;
	if (locator_add(&text, found, false) < 0)
		return -1;
	return l->each(l->owner, buf_slice(&text));
}

static int
take_lines(struct listing *l)
{
	struct slice line;
	ssize_t n;

	while ((n = line_next(buf_slice(&l->rest), &line)) > 0) {
		if (line.len && take_line(l, line) < 0)
			return -1;
		buf_consume(&l->rest, (size_t)n);
	}
	l->malformed = n < 0;
	return n < 0 ? -1 : 0;
}

/* There is always room: a line that takes all of it is too long. */
int
listing_take(struct listing *l, struct slice data)
{
	while (data.len) {
		size_t room = buf_room(&l->rest);
		size_t n = data.len < room ? data.len : room;

		if (buf_add(&l->rest, data.ptr, n) < 0 || take_lines(l) < 0)
			return -1;
		data = slice_skip(data, n);
	}
	return 0;
}

int
listing_end(struct listing *l)
{
	struct slice line;
	ssize_t n = line_last(buf_slice(&l->rest), &line);

	l->malformed = n < 0;
	if (n < 0)
		return -1;
	return n > 0 && line.len ? take_line(l, line) : 0;
}
