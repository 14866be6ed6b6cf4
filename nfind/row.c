#include "row.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/buf.h"
#include "lib/locator.h"
#include "lib/num.h"
#include "lib/path.h"
#include "lib/proto.h"

/* The longest "[host]:port", and its NUL. */
#define AT_TEXT (LOCATOR_HOST_BYTES + 8)

static struct row *
refuse(void)
{
	errno = EINVAL;
	return NULL;
}

/* The host without brackets that begins "host:port". */
static struct slice
host_of(struct slice at)
{
	struct slice host = slice_of(at.ptr, (size_t)slice_rfind(at, ':'));

	if (!slice_starts(host, SLICE("[")))
		return host;
	return slice_of(host.ptr + 1, host.len - 2);
}

/* A row of which nothing but the locator is known. */
static struct row *
new_row(const struct locator_host *host, struct slice path)
{
	char mem[AT_TEXT];
	struct buf at;
	struct row *row;

	buf_borrow(&at, mem, sizeof mem);
	if (!path_valid(path) || locator_host_add(&at, host) < 0)
		return refuse();
	row = calloc(1, sizeof *row + buf_len(&at) + path.len);
	if (!row)
		return NULL;
	memcpy(row->text, mem, buf_len(&at));
	memcpy(row->text + buf_len(&at), path.ptr, path.len);
	row->at = slice_of(row->text, buf_len(&at));
	row->host = host_of(row->at);
	row->path = slice_of(row->text + buf_len(&at), path.len);
	row->port = host->port;
	row->size = PROTO_NO_SIZE;
	row->mtime = PROTO_NO_TIME;
	return row;
}

struct row *
row_parse(struct slice line)
{
	struct proto_row facts;
	struct locator l;
	const char *why;
	struct row *row;

	if (proto_row_parse(line, &facts) < 0 ||
	    locator_parse(facts.locator, &l, &why) < 0 || l.digest.known)
		return refuse();
	row = new_row(&l.host, slice_of(l.path, l.path_len));
	if (!row)
		return NULL;
	row->rank = facts.rank;
	row->size = facts.size;
	row->mtime = facts.mtime;
	row->digest = facts.digest;
	return row;
}

struct row *
row_parse_peer(struct slice line, struct slice path, const struct addr *index)
{
	ptrdiff_t colon = slice_rfind(line, ':');
	struct locator_host host;
	char text[ADDR_TEXT];
	struct addr peer;
	uint64_t port;

	if (colon < 0 ||
	    addr_parse_ip(slice_of(line.ptr, (size_t)colon), &peer) < 0 ||
	    num_parse(
		slice_skip(line, (size_t)colon + 1), 1, UINT16_MAX, &port) < 0)
		return refuse();
	if (index && addr_is_loopback(&peer))
		peer = *index;
	if (addr_is_link_local(&peer))
		return refuse();
	addr_ip_text(&peer, text);
	host.port = (uint16_t)port;
	memcpy(host.name, text, sizeof text);
	return new_row(&host, path);
}

static int
grow(struct rows *rows)
{
	size_t size = rows->size ? 2 * rows->size : 64;
	struct row **list = reallocarray(rows->list, size, sizeof *list);

	if (!list)
		return -1;
	rows->list = list;
	rows->size = size;
	return 0;
}

int
rows_add(struct rows *rows, struct row *row)
{
	if (rows->count == rows->size && grow(rows) < 0) {
		free(row);
		return -1;
	}
	rows->list[rows->count++] = row;
	return 0;
}

void
rows_reverse(struct rows *rows)
{
	for (size_t i = 0, j = rows->count; i + 1 < j; i++) {
		struct row *row = rows->list[--j];

		rows->list[j] = rows->list[i];
		rows->list[i] = row;
	}
}

void
rows_cut(struct rows *rows, size_t count)
{
	while (rows->count > count)
		free(rows->list[--rows->count]);
}

void
rows_free(struct rows *rows)
{
	rows_cut(rows, 0);
	free(rows->list);
	*rows = (struct rows){0};
}
