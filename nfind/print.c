#include "print.h"

#include <errno.h>
#include <unistd.h>

#include "format.h"
#include "lib/emit.h"
#include "lib/rune.h"

/* Written when that much is there; an entry is shorter by far. */
#define PRINT_FLUSH (64 * 1024)
#define PRINT_BYTES (4 * PRINT_FLUSH)

typedef int format(
    struct buf *out, const struct print_style *style, const struct row *row);

static format *const formats[] = {
    [PRINT_LOCATORS] = format_locator,
    [PRINT_LONG] = format_long,
    [PRINT_JSON] = format_json,
    [PRINT_URLS] = format_url,
    [PRINT_PEERS] = format_peer,
};

void
print_init(struct print *p, const struct print_style *style)
{
	*p = (struct print){.style = *style};
	buf_init(&p->out, PRINT_BYTES);
}

static void
flush(struct print *p)
{
	if (!p->error && emit(STDOUT_FILENO, buf_slice(&p->out)) < 0)
		p->error = errno;
	buf_truncate(&p->out, 0);
}

/* An entry was appended, or outcome is -1 with errno. */
static bool
end_entry(struct print *p, int outcome)
{
	if (outcome == 0)
		outcome = buf_add(&p->out, p->style.nul ? "\0" : "\n", 1);
	if (outcome < 0 && !p->error)
		p->error = errno;
	if (buf_len(&p->out) >= PRINT_FLUSH)
		flush(p);
	return !p->error;
}

bool
print_row(struct print *p, const struct row *row)
{
	return end_entry(p, formats[p->style.form](&p->out, &p->style, row));
}

bool
print_number(struct print *p, uint64_t number)
{
	return end_entry(p, buf_add_num(&p->out, number));
}

static int
add_fact(struct buf *out, struct slice index, struct slice fact)
{
	if (index.len &&
	    (buf_add_slice(out, index) < 0 || buf_add(out, " ", 1) < 0))
		return -1;
	return rune_visible(out, fact);
}

bool
print_fact(struct print *p, struct slice index, struct slice fact)
{
	return end_entry(p, add_fact(&p->out, index, fact));
}

int
print_end(struct print *p)
{
	flush(p);
	buf_free(&p->out);
	if (!p->error || p->error == EPIPE)
		return 0;
	errno = p->error;
	return -1;
}
