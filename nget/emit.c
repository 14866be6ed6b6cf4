#include "emit.h"

#include <errno.h>
#include <unistd.h>

int
emit(int fd, struct slice data)
{
	while (data.len) {
		ssize_t n = write(fd, data.ptr, data.len);

		if (n < 0 && errno != EINTR)
			return -1;
		data = slice_skip(data, n > 0 ? (size_t)n : 0);
	}
	return 0;
}
