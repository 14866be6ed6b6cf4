#include "target.h"

#include <errno.h>
#include <sys/types.h>

#include "lib/http.h"
#include "lib/locator.h"

static int
refusal(const struct http_request *r)
{
	if (r->method == HTTP_UNKNOWN)
		return 501;
	if (r->method == HTTP_REFUSED)
		return 405;
	if (r->has_body)
		return 413;
	return r->path.len ? 0 : 400;
}

static bool
climbs(struct slice path)
{
	struct slice component;
	bool more;

	do {
		more = slice_cut(path, '/', &component, &path);
		if (slice_eq(component, SLICE("..")))
			return true;
	} while (more);
	return false;
}

/* The path of a request without the slash that begins it. 0, or a status. */
static int
decode(struct slice encoded, struct target *t)
{
	ssize_t len = locator_decode(encoded, t->path, PATH_MAX_BYTES + 1);

	if (len < 0)
		return errno == EMSGSIZE ? 404 : 400;
	t->len = (size_t)len;
	t->path[t->len] = '\0';
	if (memchr(t->path, '\0', t->len) || climbs(target_path(t)))
		return 400;
	return 0;
}

int
target_read(const struct http_request *r, struct target *t)
{
	int status = refusal(r);

	if (status)
		return status;
	status = decode(slice_skip(r->path, 1), t);
	if (status)
		return status;
	t->directory = t->len == 0 || t->path[t->len - 1] == '/';
	if (t->len == 0)
		return 0;
	t->len -= t->directory;
	t->path[t->len] = '\0';
	return path_valid(target_path(t)) ? 0 : 404;
}
