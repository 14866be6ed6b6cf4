#include "emit.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <unistd.h>

/* After a write that failed: whether to try again. */
static bool
goes_on(int fd)
{
	struct pollfd one = {.fd = fd, .events = POLLOUT};

	if (errno == EINTR)
		return true;
	if (errno != EAGAIN)
		return false;
	return poll(&one, 1, -1) >= 0 || errno == EINTR;
}

int
emit(int fd, struct slice data)
{
	while (data.len) {
		ssize_t n = write(fd, data.ptr, data.len);

		if (n < 0 && !goes_on(fd))
			return -1;
		data = slice_skip(data, n > 0 ? (size_t)n : 0);
	}
	return 0;
}
