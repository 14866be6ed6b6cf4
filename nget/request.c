#include "request.h"

#include "lib/http.h"

/* An interface name means something on this machine alone (RFC 6874 §4). */
static int
add_host(struct buf *out, const struct locator *l)
{
	struct locator_host host = l->host;
	char *zone = strchr(host.name, '%');

	if (zone)
		*zone = '\0';
	if (buf_add_str(out, "Host: ") < 0 || locator_host_add(out, &host) < 0)
		return -1;
	return buf_add_str(out, "\r\n");
}

static int
add_range(struct buf *out, const struct request *r)
{
	if (r->from == 0 && r->end == 0)
		return 0;
	if (buf_printf(out, "Range: bytes=%llu-", (unsigned long long)r->from) <
	    0)
		return -1;
	if (r->end &&
	    buf_printf(out, "%llu", (unsigned long long)r->end - 1) < 0)
		return -1;
	if (buf_add_str(out, "\r\n") < 0)
		return -1;
	return r->etag.len ? http_add_field(out, "If-Range", r->etag) : 0;
}

static int
add_target(struct buf *out, const struct locator *l)
{
	if (buf_add_str(out, "GET /") < 0 ||
	    locator_encode(out, slice_of(l->path, l->path_len)) < 0)
		return -1;
	return buf_add_str(out, " HTTP/1.1\r\n");
}

int
request_add(struct buf *out, const struct request *r)
{
	if (add_target(out, r->locator) < 0 || add_host(out, r->locator) < 0)
		return -1;
	if (r->accept &&
	    http_add_field(out, "Accept", slice_str(r->accept)) < 0)
		return -1;
	if (add_range(out, r) < 0)
		return -1;
	return buf_add_str(out,
	    "Accept-Encoding: identity\r\n"
	    "Connection: close\r\n"
	    "\r\n");
}

bool
request_seed_takes(struct slice name)
{
	if (name.len == 0 || name.ptr[0] == '/')
		return false;
	if (slice_trim(name).len < name.len || name.ptr[name.len - 1] == '\r')
		return false;
	return slice_find(name, '\n') < 0 && slice_find(name, '\0') < 0;
}

int
request_add_seed(struct buf *out, struct slice name)
{
	if (buf_add_str(out, "GET ") < 0 || buf_add_slice(out, name) < 0)
		return -1;
	return buf_add_str(out, "\n");
}
