#include "naive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "naive_match.h"

/* A hit before the peers are ordered by what nobody foresees. */
struct row {
	struct store_hit hit;
	bool unreachable;
	bool own;
	bool full;
	uint32_t busy;
	uint32_t slots;
};

struct rows {
	struct row *list;
	size_t count;
};

void
naive_free(struct naive *n)
{
	for (size_t i = 0; i < n->count; i++)
		free((void *)(uintptr_t)n->files[i].what.path.ptr);
	free(n->files);
	n->files = NULL;
	n->count = n->room = 0;
}

void
naive_join(struct naive *n, size_t peer, const struct store_peer_spec *spec)
{
	n->peers[peer] = (struct naive_peer){.spec = *spec, .here = true};
}

static void
drop(struct naive *n, size_t i)
{
	n->peers[n->files[i].peer].files--;
	free((void *)(uintptr_t)n->files[i].what.path.ptr);
	n->files[i] = n->files[--n->count];
}

void
naive_leave(struct naive *n, size_t peer)
{
	for (size_t i = 0; i < n->count;) {
		if (n->files[i].peer == peer)
			drop(n, i);
		else
			i++;
	}
	n->peers[peer].here = false;
}

static size_t
find(const struct naive *n, size_t peer, struct slice path)
{
	for (size_t i = 0; i < n->count; i++)
		if (n->files[i].peer == peer &&
		    slice_eq(n->files[i].what.path, path))
			return i;
	return n->count;
}

static void
append(struct naive *n, size_t peer, const struct store_change *change)
{
	struct naive_file file = {peer, *change};

	if (n->count == n->room) {
		n->room = n->room ? 2 * n->room : 64;
		n->files = reallocarray(n->files, n->room, sizeof *n->files);
	}
	file.what.path.ptr = slice_dup(change->path);
	if (!n->files || !file.what.path.ptr)
		abort();
	n->files[n->count++] = file;
	n->peers[peer].files++;
}

bool
naive_apply(struct naive *n, size_t peer, const struct store_change *change)
{
	size_t i = find(n, peer, change->path);

	if (!change->add) {
		if (i < n->count)
			drop(n, i);
		return true;
	}
	if (i < n->count) {
		n->files[i].what.size = change->size;
		n->files[i].what.mtime = change->mtime;
		n->files[i].what.digest = change->digest;
		return true;
	}
	if (n->peers[peer].files >= n->peers[peer].spec.max_files)
		return false;
	append(n, peer, change);
	return true;
}

/* naputils(7), Addresses, and the contract of store_view. */
static bool
shows(const struct store_view *view, const struct store_peer_spec *peer,
    struct addr *at)
{
	bool client_here = addr_is_loopback(&view->client);

	*at = peer->at;
	if (peer->local_only && !client_here)
		return false;
	if (!peer->local_only && addr_is_loopback(at)) {
		*at = view->via;
		at->port = peer->at.port;
		if (view->v4_only && addr_is_loopback(at))
			addr_parse_ip(SLICE("127.0.0.1"), at);
	}
	if (at->port == 0 || addr_is_link_local(at))
		return false;
	if (view->v4_only && !addr_is_v4(at))
		return false;
	return !(view->hide_self && addr_eq(at, &view->client));
}

static bool
size_fits(const struct store_query *query, uint64_t size)
{
	if (query->over == 0 && query->under == UINT64_MAX)
		return true;
	return size != STORE_NO_SIZE && size >= query->over &&
	    size <= query->under;
}

/* Whether a file is asked for, and its class. */
static bool
is_wanted(const struct naive_query *query, const struct naive_file *file,
    unsigned *class)
{
	*class = 0;
	if (query->path)
		return slice_eq(file->what.path, *query->path);
	if (query->digest)
		return digest_eq(&file->what.digest, query->digest);
	if (!size_fits(query->words, file->what.size))
		return false;
	*class = naive_class(query->words, file->what.path);
	return *class > 0;
}

static bool
make_row(const struct naive *n, const struct naive_query *query,
    const struct naive_file *file, struct row *row)
{
	const struct naive_peer *peer = &n->peers[file->peer];
	const struct store_view *view = query->view;
	struct addr at;
	unsigned class;

	if (!shows(view, &peer->spec, &at) || !is_wanted(query, file, &class))
		return false;
	*row = (struct row){
	    .hit = {file->what.path, at, file->what.size, file->what.mtime,
		file->what.digest, class},
	    .unreachable = !peer->reachable,
	    .own = addr_same_host(&at, &view->client) ||
		(addr_is_loopback(&view->client) &&
		    addr_is_loopback(&peer->spec.at)),
	    .full = peer->slots && peer->busy >= peer->slots,
	    .busy = peer->slots ? peer->busy : 0,
	    .slots = peer->slots ? peer->slots : 1,
	};
	return true;
}

static int
standing_cmp(const struct row *a, const struct row *b)
{
	double load_a = (double)a->busy / a->slots;
	double load_b = (double)b->busy / b->slots;

	if (a->unreachable != b->unreachable)
		return a->unreachable ? 1 : -1;
	if (a->own != b->own)
		return a->own ? 1 : -1;
	if (a->full != b->full)
		return a->full ? 1 : -1;
	return (load_a > load_b) - (load_a < load_b);
}

static int
path_cmp(const struct row *a, const struct row *b)
{
	struct slice x = naive_basename(a->hit.path);
	struct slice y = naive_basename(b->hit.path);
	int order;

	if (a->hit.rank != b->hit.rank)
		return a->hit.rank < b->hit.rank ? -1 : 1;
	if (x.len != y.len)
		return x.len < y.len ? -1 : 1;
	order = slice_cmp(x, y);
	return order ? order : slice_cmp(a->hit.path, b->hit.path);
}

/* By path and then by peer; content is looked for the other way round. */
static int
by_path(const void *a, const void *b)
{
	int order = path_cmp(a, b);

	return order ? order : standing_cmp(a, b);
}

static int
by_peer(const void *a, const void *b)
{
	return standing_cmp(a, b);
}

/* Whether a, at the address of b and with its path, is to be preferred. */
static bool
is_better(const struct row *a, const struct row *b)
{
	const struct store_hit *x = &a->hit, *y = &b->hit;

	if (standing_cmp(a, b))
		return standing_cmp(a, b) < 0;
	if (x->mtime != y->mtime)
		return x->mtime > y->mtime;
	if (x->size != y->size)
		return y->size == STORE_NO_SIZE ||
		    (x->size != STORE_NO_SIZE && x->size > y->size);
	if (x->digest.known != y->digest.known)
		return x->digest.known;
	return memcmp(x->digest.bytes, y->digest.bytes, DIGEST_BYTES) < 0;
}

static bool
same_place(const struct store_hit *a, const struct store_hit *b)
{
	return addr_eq(&a->at, &b->at) && slice_eq(a->path, b->path);
}

/* One row for each path and address. */
static void
take_row(struct rows *rows, const struct row *row)
{
	for (size_t i = 0; i < rows->count; i++) {
		if (!same_place(&rows->list[i].hit, &row->hit))
			continue;
		if (is_better(row, &rows->list[i]))
			rows->list[i] = *row;
		return;
	}
	rows->list[rows->count++] = *row;
}

static struct rows
answer(const struct naive *n, const struct naive_query *query)
{
	struct rows rows = {calloc(n->count + 1, sizeof(struct row)), 0};
	struct row row;

	if (!rows.list)
		abort();
	for (size_t i = 0; i < n->count; i++)
		if (make_row(n, query, &n->files[i], &row))
			take_row(&rows, &row);
	qsort(rows.list, rows.count, sizeof row,
	    query->digest ? by_peer : by_path);
	return rows;
}

bool
naive_hit(const struct naive *n, const struct naive_query *query,
    const struct addr *at, struct store_hit *hit)
{
	struct rows rows = answer(n, query);
	bool found = false;

	for (size_t i = 0; i < rows.count && !found; i++) {
		found = addr_eq(&rows.list[i].hit.at, at);
		*hit = rows.list[i].hit;
	}
	free(rows.list);
	return found;
}

static size_t
number_of(struct naive *n, int kind, const struct addr *at)
{
	size_t i;

	for (i = 0; i < n->seen_count[kind]; i++)
		if (addr_eq(&n->seen[kind][i], at))
			return i;
	if (i == NAIVE_ADDRESSES)
		abort();
	n->seen[kind][n->seen_count[kind]++] = *at;
	return i;
}

/* Whether an address before another, to a client, is what it always was. */
static bool
learn_order(struct naive *n, const struct addr *client,
    const struct store_hit *a, const struct store_hit *b)
{
	struct addr host = *client;
	size_t c, x = number_of(n, 0, &a->at), y = number_of(n, 0, &b->at);

	host.port = 0;
	c = number_of(n, 1, &host);
	n->first[c][x][y] = true;
	return x == y || !n->first[c][y][x];
}

static bool
same_hit(const struct store_hit *a, const struct store_hit *b)
{
	if (a->digest.known != b->digest.known)
		return false;
	if (a->digest.known && !digest_eq(&a->digest, &b->digest))
		return false;
	return same_place(a, b) && a->size == b->size && a->mtime == b->mtime &&
	    a->rank == b->rank;
}

static int
in_order(const void *a, const void *b)
{
	return path_cmp(a, b);
}

/* Bring rows that tie into the order in which the hits have them. */
static bool
untie(struct rows *rows, size_t from, size_t to, const struct store_hits *hits)
{
	struct row found;
	size_t j;

	qsort(rows->list + from, to - from, sizeof found, in_order);
	for (size_t i = from; i < to && i < hits->count; i++) {
		for (j = i; j < to; j++)
			if (same_hit(&rows->list[j].hit, &hits->list[i]))
				break;
		if (j == to)
			return false;
		found = rows->list[j];
		memmove(
		    &rows->list[i + 1], &rows->list[i], (j - i) * sizeof found);
		rows->list[i] = found;
	}
	return true;
}

static bool
order_holds(struct naive *n, const struct naive_query *query,
    const struct rows *rows, size_t from, size_t to, size_t known)
{
	const struct row *a, *b;

	for (size_t i = from; i < to && i < known; i++)
		for (size_t j = i + 1; j < to; j++) {
			a = &rows->list[i];
			b = &rows->list[j];
			if (!learn_order(
				n, &query->view->client, &a->hit, &b->hit))
				return false;
			if (addr_eq(&a->hit.at, &b->hit.at) &&
			    path_cmp(a, b) >= 0)
				return false;
		}
	return true;
}

static bool
rows_agree(struct naive *n, const struct naive_query *query, struct rows *rows,
    const struct store_hits *hits)
{
	int (*cmp)(const void *, const void *) = query->digest ? by_peer
							       : by_path;
	size_t from, to;

	for (from = 0; from < rows->count; from = to) {
		to = from + 1;
		while (to < rows->count &&
		    !cmp(&rows->list[from], &rows->list[to]))
			to++;
		if (!untie(rows, from, to, hits) ||
		    !order_holds(n, query, rows, from, to, hits->count))
			return false;
	}
	return true;
}

static bool
numbers_agree(const struct naive_query *query, const struct rows *rows,
    const struct store_hits *hits)
{
	size_t want = rows->count < query->limit ? rows->count : query->limit;

	if (hits->count != want || hits->matches < hits->count)
		return false;
	if (hits->more)
		return hits->matches <= rows->count;
	return hits->matches == rows->count;
}

bool
naive_agrees(struct naive *n, const struct naive_query *query,
    const struct store_hits *hits)
{
	struct rows rows = answer(n, query);
	bool numbers = numbers_agree(query, &rows, hits);
	bool order = numbers && rows_agree(n, query, &rows, hits);

	if (!order)
		printf("# %s: %zu rows and %llu%s matches of %zu, limit %zu\n",
		    numbers ? "other rows" : "other numbers", hits->count,
		    (unsigned long long)hits->matches, hits->more ? "+" : "",
		    rows.count, query->limit);
	free(rows.list);
	return order;
}
