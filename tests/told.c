#include "told.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "lib/conn_state.h"
#include "lib/net.h"

unsigned
told_mix(unsigned sum, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sum = sum * 31 + (unsigned char)bytes[i];
	return sum;
}

static void
then(struct told *t)
{
	if (t->then != NULL)
		t->then(t);
}

static void
on_opened(struct conn *c, void *owner)
{
	struct told *t = owner;

	(void)c;
	t->opened++;
	then(t);
}

static void
on_input(struct conn *c, void *owner, bool eof)
{
	struct told *t = owner;
	struct slice in = conn_in(c);

	t->inputs++;
	t->after_eof |= t->eofs > 0;
	t->eofs += eof;
	if (!t->keep) {
		t->sum = told_mix(t->sum, in.ptr, in.len);
		t->got += in.len;
		conn_consume(c, in.len);
	}
	if (t->hold)
		conn_pause(c, true);
	then(t);
}

static void
on_drained(struct conn *c, void *owner)
{
	struct told *t = owner;

	t->drained++;
	if (t->again > 0) {
		t->again--;
		buf_add_str(conn_out(c), "again\n");
	}
	then(t);
}

static void
on_timeout(struct conn *c, void *owner)
{
	struct told *t = owner;

	(void)c;
	t->timeouts++;
	then(t);
}

static void
on_closed(struct conn *c, void *owner, int error)
{
	struct told *t = owner;

	t->dropped = c->dropped;
	t->closed++;
	t->error = error;
	t->c = NULL;
	if (t->self == NULL)
		return;
	*t->self = NULL;
	free(t);
}

const struct conn_ops told_ops = {
    .opened = on_opened,
    .input = on_input,
    .drained = on_drained,
    .timeout = on_timeout,
    .closed = on_closed,
};

/* The waiting for a condition: looked at every millisecond. */
struct watcher {
	struct loop_timer timer;
	struct loop *loop;
	bool (*is_met)(const struct told *t);
	const struct told *told;
	int64_t until;
	bool met;
};

static void
on_look(struct loop_timer *timer)
{
	struct watcher *w = LOOP_OWNER(timer, struct watcher, timer);

	w->met = w->is_met != NULL && w->is_met(w->told);
	if (w->met || loop_now(w->loop) >= w->until)
		loop_stop(w->loop);
	else
		loop_timer_set(w->loop, timer, 1);
}

bool
told_run_until(struct told *t, bool (*is_met)(const struct told *t))
{
	struct watcher w = {
	    .timer.fire = on_look,
	    .loop = t->loop,
	    .is_met = is_met,
	    .told = t,
	    .until = loop_now(t->loop) + 20000,
	};

	loop_timer_set(t->loop, &w.timer, 0);
	loop_run(t->loop);
	return w.met;
}

void
told_run_for(struct loop *loop, int64_t ms)
{
	struct watcher w = {.timer.fire = on_look, .loop = loop};

	loop_timer_set(loop, &w.timer, ms);
	loop_run(loop);
}

bool
told_opened(const struct told *t)
{
	return t->opened > 0;
}

bool
told_input(const struct told *t)
{
	return t->inputs > 0;
}

bool
told_eof(const struct told *t)
{
	return t->eofs > 0;
}

bool
told_drained(const struct told *t)
{
	return t->drained > 0;
}

bool
told_timeout(const struct told *t)
{
	return t->timeouts > 0;
}

bool
told_closed(const struct told *t)
{
	return t->closed > 0;
}

struct addr
told_loopback(void)
{
	struct addr a = {0};

	addr_parse_ip(SLICE("127.0.0.1"), &a);
	return a;
}

/* Both ends of a TCP connection; the second one blocks. */
static void
tcp_pair(int ends[2])
{
	struct addr at = told_loopback(), peer;
	int listener = net_listen(&at);
	struct pollfd p = {.fd = listener, .events = POLLIN};

	ends[1] = net_dial(&at, NULL);
	poll(&p, 1, 10000);
	ends[0] = net_accept(listener, &peer);
	if (ends[0] == -1 || ends[1] == -1)
		abort();
	fcntl(ends[1], F_SETFL, 0);
	close(listener);
}

int
told_begin(struct told *t)
{
	int ends[2];

	tcp_pair(ends);
	*t = (struct told){.loop = loop_new()};
	t->c = conn_new(t->loop, ends[0], &told_ops, t);
	if (t->c == NULL)
		abort();
	return ends[1];
}

int
told_begin_unix(struct told *t, int type)
{
	int ends[2];

	if (socketpair(AF_UNIX, type, 0, ends) == -1)
		abort();
	*t = (struct told){.loop = loop_new()};
	t->c = conn_new(t->loop, ends[0], &told_ops, t);
	return ends[1];
}

void
told_finish(struct told *t, int peer)
{
	if (t->c != NULL)
		conn_abort(t->c, 0);
	loop_free(t->loop);
	if (peer != -1)
		close(peer);
}

void
told_put(int fd, const char *text)
{
	if (send(fd, text, strlen(text), MSG_NOSIGNAL) != (ssize_t)strlen(text))
		abort();
}

void *
told_flood(void *arg)
{
	static _Thread_local char bytes[65536];
	int fd = *(int *)arg;

	while (send(fd, bytes, sizeof bytes, MSG_NOSIGNAL) > 0)
		continue;
	return NULL;
}

unsigned
told_append(struct conn *c, size_t size)
{
	char *bytes = malloc(size);
	unsigned sum;

	for (size_t i = 0; i < size; i++)
		bytes[i] = (char)(i * 7 + i / 251);
	if (buf_add(conn_out(c), bytes, size) == -1)
		abort();
	sum = told_mix(0, bytes, size);
	free(bytes);
	return sum;
}

static void *
read_all(void *arg)
{
	struct told_reader *r = arg;
	static _Thread_local char bytes[65536];
	ssize_t n;

	while ((n = recv(r->fd, bytes, sizeof bytes, 0)) > 0) {
		r->sum = told_mix(r->sum, bytes, (size_t)n);
		r->got += (size_t)n;
		if (r->nap > 0)
			usleep(r->nap);
	}
	r->error = n == -1 ? errno : 0;
	shutdown(r->fd, SHUT_WR);
	return NULL;
}

void
told_read(struct told_reader *r, int fd, useconds_t nap)
{
	sigset_t all, before;

	*r = (struct told_reader){.fd = fd, .nap = nap};
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&r->thread, NULL, read_all, r) != 0)
		abort();
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void
told_read_end(struct told_reader *r)
{
	pthread_join(r->thread, NULL);
}

/* The processor's time that this process has used, in milliseconds. */
static long
used_ms(void)
{
	return (long)(clock() / (CLOCKS_PER_SEC / 1000));
}

/* What never sleeps uses all the time each time; a busy machine may seem so. */
bool
told_sleeps(struct loop *loop)
{
	long before;

	for (int i = 0; i < 3; i++) {
		before = used_ms();
		told_run_for(loop, 100);
		if (used_ms() - before < 50)
			return true;
	}
	return false;
}
