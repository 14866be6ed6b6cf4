#include "seed.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/http.h"
#include "lib/line.h"
#include "site.h"
#include "slots.h"
#include "transfer.h"

/* Empty lines may stand before a request (RFC 9112 §2.2); http skips the same. */
static size_t
empty_lines(struct slice in)
{
	struct slice rest = in, line, next;

	while (slice_cut(rest, '\n', &line, &next) &&
	    (line.len == 0 || slice_eq(line, SLICE("\r"))))
		rest = next;
	return in.len - rest.len;
}

ssize_t
seed_parse(struct slice in, bool eof, struct slice *name)
{
	static const struct slice get = {"GET ", 4};
	size_t before = empty_lines(in);
	struct slice rest = slice_skip(in, before), line;
	ssize_t n = line_next(rest, &line);

	if (n == 0 && eof)
		n = line_last(rest, &line);
	if (n <= 0 || line.len > HTTP_TARGET_BYTES ||
	    http_is_request_line(line) || !slice_starts(line, get))
		return 0;
	*name = slice_skip(line, get.len);
	return n + (ssize_t)before;
}

int
seed_open(const struct site *site, struct slice name, struct transfer *transfer)
{
	struct stat st;
	int fd = site_open(site, name, &st);

	if (fd < 0)
		return -1;
	if (st.st_size == 0) {
		close(fd);
		return 0;
	}
	if (!slots_take(site->slots)) {
		close(fd);
		errno = EBUSY;
		return -1;
	}
	transfer_file(transfer, site->slots, fd, 0, st.st_size);
	return 0;
}
