#include "lib/listen.h"

#include <errno.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "lib/loop.h"
#include "lib/net.h"
#include "tap.h"

enum { MOST = 200 };

/* What a listener let in; the loop stops at want connections. */
struct door {
	struct loop *loop;
	struct listen *l;
	int fds[MOST];
	struct addr peers[MOST];
	int count;
	int want;
	bool shut;
};

static void
on_accepted(void *arg, int fd, const struct addr *peer)
{
	struct door *d = arg;

	d->peers[d->count] = *peer;
	d->fds[d->count++] = fd;
	if (d->count < d->want)
		return;
	if (d->shut) {
		listen_free(d->l);
		d->l = NULL;
	}
	loop_stop(d->loop);
}

static int
open_listener(struct addr *at)
{
	*at = (struct addr){0};
	addr_parse_ip(SLICE("127.0.0.1"), at);
	return net_listen(at);
}

static void
close_all(int *fds, int count)
{
	for (int i = 0; i < count; i++)
		close(fds[i]);
}

static void
test_open(void)
{
	struct addr list[2] = {0}, first, second;
	struct net_addrs places = {list, 2};
	int fds[2], taken[2];

	addr_parse_ip(SLICE("127.0.0.1"), &list[0]);
	addr_parse_ip(SLICE("::1"), &list[1]);
	tap_is_num(listen_open(&places, fds), 2, "two places are listened on");
	net_local(fds[0], &first);
	net_local(fds[1], &second);
	tap_ok(
	    first.port != 0 && first.port == second.port, "at one free port");
	list[0].port = list[1].port = first.port;
	tap_ok(listen_open(&places, taken) < 0 && errno == EADDRINUSE,
	    "a port that is taken is refused");
	close(fds[0]);
	tap_ok(listen_open(&places, taken) < 0 && errno == EADDRINUSE,
	    "even if it is in one place only");
	fds[0] = net_listen(&first);
	tap_ok(fds[0] >= 0, "and nothing is left open then");
	close_all(fds, 2);
}

static void
test_accept(void)
{
	struct addr at, own;
	int listener = open_listener(&at), fds[MOST];
	struct door d = {.loop = loop_new(), .want = MOST};

	for (int i = 0; i < MOST; i++)
		fds[i] = net_dial(&at, NULL);
	d.l = listen_new(d.loop, listener, on_accepted, &d);
	tap_ok(d.l != NULL, "a listener is opened on a loop");
	loop_run(d.loop);
	tap_is_num(d.count, MOST, "every connection is let in");
	net_local(fds[0], &own);
	tap_ok(addr_eq(&own, &d.peers[0]), "with who it is");
	listen_free(d.l);
	listen_free(NULL);
	loop_free(d.loop);
	tap_ok(net_is_listener(listener), "the descriptor stays the caller's");
	close_all(fds, MOST);
	close_all(d.fds, d.count);
	close(listener);
}

static void
test_free_within(void)
{
	struct addr at;
	int listener = open_listener(&at), fds[3];
	struct door d = {.loop = loop_new(), .want = 2, .shut = true};

	for (int i = 0; i < 3; i++)
		fds[i] = net_dial(&at, NULL);
	d.l = listen_new(d.loop, listener, on_accepted, &d);
	loop_run(d.loop);
	tap_is_num(d.count, 2, "a listener may be freed as it lets one in");
	loop_free(d.loop);
	close_all(fds, 3);
	close_all(d.fds, d.count);
	close(listener);
}

static void
test_two_loops(void)
{
	struct addr at;
	int listener = open_listener(&at), fds[2];
	struct door a = {.loop = loop_new(), .want = 1};
	struct door b = {.loop = loop_new(), .want = 1};

	a.l = listen_new(a.loop, listener, on_accepted, &a);
	b.l = listen_new(b.loop, listener, on_accepted, &b);
	fds[0] = net_dial(&at, NULL);
	loop_run(a.loop);
	fds[1] = net_dial(&at, NULL);
	loop_run(b.loop);
	tap_ok(a.count == 1 && b.count == 1, "two loops share a listener");
	listen_free(a.l);
	listen_free(b.l);
	loop_free(a.loop);
	loop_free(b.loop);
	close_all(fds, 2);
	close(a.fds[0]);
	close(b.fds[0]);
	close(listener);
}

struct relief {
	struct loop_timer timer;
	struct loop *loop;
	struct rlimit limit;
};

static void
on_relief(struct loop_timer *timer)
{
	struct relief *r = LOOP_OWNER(timer, struct relief, timer);

	setrlimit(RLIMIT_NOFILE, &r->limit);
}

/* The processor's time that this process has used, in milliseconds. */
static long
used_ms(void)
{
	return (long)(clock() / (CLOCKS_PER_SEC / 1000));
}

/* Lines that fd has. */
static int
count_lines(int fd)
{
	char text[4096];
	ssize_t n = pread(fd, text, sizeof text, 0);
	int lines = 0;

	for (ssize_t i = 0; i < n; i++)
		lines += text[i] == '\n';
	return lines;
}

static void
test_no_descriptor(void)
{
	struct addr at;
	int listener = open_listener(&at), fds[4], saved = dup(2);
	FILE *talk = tmpfile();
	struct door d = {.loop = loop_new(), .want = 4};
	struct relief r = {.timer.fire = on_relief, .loop = d.loop};
	struct rlimit none;
	long before;

	for (int i = 0; i < 4; i++)
		fds[i] = net_dial(&at, NULL);
	d.l = listen_new(d.loop, listener, on_accepted, &d);
	getrlimit(RLIMIT_NOFILE, &r.limit);
	none = r.limit;
	none.rlim_cur = 3;
	dup2(fileno(talk), 2);
	setrlimit(RLIMIT_NOFILE, &none);
	loop_timer_set(d.loop, &r.timer, 350);
	before = used_ms();
	loop_run(d.loop);
	dup2(saved, 2);
	tap_is_num(d.count, 4, "connections wait until descriptors are free");
	tap_ok(used_ms() - before < 200, "waiting for them costs nothing");
	tap_is_num(
	    count_lines(fileno(talk)), 1, "the lack of them is told once");
	listen_free(d.l);
	loop_free(d.loop);
	fclose(talk);
	close(saved);
	close_all(fds, 4);
	close_all(d.fds, d.count);
	close(listener);
}

int
main(void)
{
	test_open();
	alarm(60);
	net_raise_descriptors();
	test_accept();
	test_free_within();
	test_two_loops();
	test_no_descriptor();
	return tap_done();
}
