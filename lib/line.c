#include "line.h"

#include <errno.h>
#include <stdbool.h>

static ssize_t
refuse(int error)
{
	errno = error;
	return -1;
}

static bool
ends_in_cr(struct slice s)
{
	return s.len && s.ptr[s.len - 1] == '\r';
}

/* Give out raw, which takes up size bytes of the stream. */
static ssize_t
take(struct slice raw, size_t size, struct slice *line)
{
	raw.len -= ends_in_cr(raw);
	if (raw.len > LINE_MAX_BYTES)
		return refuse(EMSGSIZE);
	if (slice_find(raw, '\0') >= 0)
		return refuse(EINVAL);
	*line = raw;
	return (ssize_t)size;
}

ssize_t
line_next(struct slice in, struct slice *line)
{
	size_t longest = LINE_MAX_BYTES + sizeof "\r\n" - 1;
	struct slice part = in.len > longest ? slice_of(in.ptr, longest) : in;
	ptrdiff_t end = slice_find(part, '\n');

	if (end >= 0)
		return take(
		    slice_of(in.ptr, (size_t)end), (size_t)end + 1, line);
	if (part.len - ends_in_cr(part) > LINE_MAX_BYTES)
		return refuse(EMSGSIZE);
	return 0;
}

ssize_t
line_last(struct slice in, struct slice *line)
{
	ssize_t n = line_next(in, line);

	return n ? n : take(in, in.len, line);
}
