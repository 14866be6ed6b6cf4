#include "answer.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/http.h"
#include "lib/http_select.h"
#include "opened.h"
#include "pace.h"
#include "page.h"
#include "plan.h"
#include "site.h"
#include "slots.h"
#include "target.h"
#include "transfer.h"

/* Up to so many bytes, reading costs less than having the kernel send. */
#define SMALL_BYTES 16384

/* The request with the frame of its answer. */
struct exchange {
	const struct answer *a;
	const struct http_request *r;
	struct plan_frame frame;
};

static int
refuse(const struct exchange *e, int status, uint64_t size)
{
	int failed = plan_add_error(e->a->out, &e->frame, status, size);

	return failed ? -1 : status;
}

/* All of a short range into out: one send carries it with its head. */
static int
read_small(struct buf *out, int fd, const struct plan *plan)
{
	char *at = buf_reserve(out, plan->body);
	ssize_t n;

	if (!at)
		return -1;
	do {
		n = pread(fd, at, plan->body, (off_t)plan->first);
	} while (n < 0 && errno == EINTR);
	if (n < 0 || (uint64_t)n != plan->body)
		return -1;
	buf_commit(out, plan->body);
	return 0;
}

/* What is read at once occupies no slot, but waits its turn like the rest. */
static bool
is_small(const struct exchange *e, const struct plan *plan)
{
	return plan->body <= SMALL_BYTES && e->a->site->pace->rate == 0;
}

static int
answer_small(const struct exchange *e, const struct opened_file *file,
    const struct plan *plan)
{
	struct buf *out = e->a->out;

	if (!slots_any(e->a->site->slots))
		return refuse(e, 503, 0);
	if (plan_add_head(out, &e->frame, &file->about, plan) < 0 ||
	    read_small(out, file->fd, plan) < 0)
		return -1;
	return plan->status;
}

/* In a slot, of a descriptor that may stay open for long. */
static int
answer_large(const struct exchange *e, const struct opened_file *file,
    const struct plan *plan)
{
	struct slots *slots = e->a->site->slots;
	int fd;

	if (!slots_take(slots))
		return refuse(e, 503, 0);
	fd = fcntl(file->fd, F_DUPFD_CLOEXEC, 0);
	if (fd < 0) {
		slots_give(slots);
		return refuse(e, 503, 0);
	}
	transfer_file(
	    e->a->transfer, slots, fd, (off_t)plan->first, (off_t)plan->body);
	if (plan_add_head(e->a->out, &e->frame, &file->about, plan) < 0)
		return -1;
	return plan->status;
}

static int
answer_head(const struct exchange *e, const struct opened_file *file,
    const struct plan *plan)
{
	if (plan->status == 412 || plan->status == 416)
		return refuse(e, plan->status, file->about.size);
	if (plan_add_head(e->a->out, &e->frame, &file->about, plan) < 0)
		return -1;
	return plan->status;
}

/* What keeps us from looking says nothing about the file. */
static int
status_of(int error)
{
	switch (error) {
	case EMFILE:
	case ENFILE:
	case ENOMEM:
	case EINTR:
	case EIO:
		return 503;
	default:
		return 404;
	}
}

static int
answer_file(const struct exchange *e, struct slice path)
{
	const struct opened_file *file = opened_find(
	    e->a->opened, path, e->a->now);
	struct plan plan;

	if (!file)
		return refuse(e, status_of(errno), 0);
	plan = plan_make(e->r, &file->about, e->a->now);
	if (plan.body == 0)
		return answer_head(e, file, &plan);
	if (is_small(e, &plan))
		return answer_small(e, file, &plan);
	return answer_large(e, file, &plan);
}

static int
answer_directory(struct exchange *e, struct slice path)
{
	struct page page;

	if (page_open(&page, e->a->site->files, path,
		http_prefers_html(e->r->accept)) < 0)
		return refuse(e, status_of(errno), 0);
	/* Older clients know no chunks: it ends with the connection. */
	if (e->frame.old)
		e->frame.keep_alive = false;
	else
		page_chunk(&page);
	if (!e->frame.head_only)
		transfer_page(e->a->transfer, &page);
	else
		page_close(&page);
	return plan_add_plain(e->a->out, &e->frame, page_type(&page)) < 0 ? -1
									  : 200;
}

static int
answer_target(struct exchange *e)
{
	struct target target;
	int status = target_read(e->r, &target);

	if (status == 400)
		e->frame.keep_alive = false;
	if (status)
		return refuse(e, status, 0);
	if (target.directory)
		return answer_directory(e, target_path(&target));
	return answer_file(e, target_path(&target));
}

int
answer_request(
    const struct answer *a, const struct http_request *r, bool *keep_alive)
{
	struct exchange e = {a, r, plan_frame(r, a->now)};
	int status = answer_target(&e);

	*keep_alive = e.frame.keep_alive;
	return status;
}

int
answer_refuse(const struct answer *a, const struct http_request *r)
{
	const struct exchange e = {
	    a, r, {.now = a->now, .head_only = r->method == HTTP_HEAD}};

	return refuse(&e, r->error, 0);
}
