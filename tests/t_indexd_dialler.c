#include "indexd/dialler.h"

#include <sys/resource.h>
#include <unistd.h>

#include "lib/addr.h"
#include "lib/loop.h"
#include "lib/net.h"
#include "tap.h"

enum { MOST = 100 };

/* Calls under test, and what they were told; the loop stops at want. */
struct desk {
	struct loop *loop;
	struct dialler *dialler;
	int told, reached;
	int want;
	int order[MOST]; /* whose outcome was told, one after the other */
};

struct line {
	struct desk *desk;
	int number;
	struct dialler_call *call;
	struct line *drops; /* cancels that one when it is told */
};

static void
on_told(void *arg, bool reached)
{
	struct line *line = arg;
	struct desk *d = line->desk;

	line->call = NULL;
	if (line->drops) {
		dialler_cancel(line->drops->call);
		line->drops->call = NULL;
	}
	d->order[d->told++ % MOST] = line->number;
	d->reached += reached;
	if (d->told == d->want)
		loop_stop(d->loop);
}

static void
open_desk(struct desk *d, unsigned most, int64_t ms)
{
	struct dialler_spec spec = {.most = most, .ms = ms};

	*d = (struct desk){.loop = loop_new()};
	spec.loop = d->loop;
	d->dialler = dialler_new(&spec);
	if (!d->loop || !d->dialler)
		abort();
}

static void
close_desk(struct desk *d)
{
	dialler_free(d->dialler);
	loop_free(d->loop);
}

static void
ring(struct desk *d, struct line *line, int number, const struct addr *to)
{
	*line = (struct line){.desk = d, .number = number};
	line->call = dialler_call(d->dialler, to, on_told, line);
	if (!line->call)
		abort();
}

/* Until so many outcomes were told in all. */
static void
wait_for(struct desk *d, int count)
{
	d->want = count;
	if (d->told < count)
		loop_run(d->loop);
}

static int
open_port(struct addr *at)
{
	int fd;

	*at = (struct addr){0};
	addr_parse_ip(SLICE("127.0.0.1"), at);
	fd = net_listen(at);
	if (fd < 0)
		abort();
	return fd;
}

static void
outcomes(void)
{
	struct addr open, shut;
	int fd = open_port(&open);
	struct line a, b, c;
	struct desk d;

	close(open_port(&shut));
	open_desk(&d, 1, 20000);
	ring(&d, &a, 1, &open);
	wait_for(&d, 1);
	tap_is_num(d.reached, 1, "who listens is reached");
	ring(&d, &b, 2, &shut);
	wait_for(&d, 2);
	tap_is_num(d.reached, 1, "who does not is not");
	addr_parse_ip(SLICE("255.255.255.255"), &shut);
	ring(&d, &c, 3, &shut);
	wait_for(&d, 3);
	tap_is_num(
	    d.reached, 1, "nor is an address that cannot be connected to");
	close_desk(&d);
	close(fd);
}

static void
hangs(void)
{
	struct addr at = {0};
	struct line lines[3];
	struct desk d;

	/* Nobody has this address: what goes there is lost or refused. */
	addr_parse_ip(SLICE("192.0.2.1"), &at);
	at.port = 9;
	open_desk(&d, 1, 50);
	for (int i = 0; i < 3; i++)
		ring(&d, &lines[i], i, &at);
	wait_for(&d, 3);
	tap_ok(d.reached == 0 && d.order[0] == 0 && d.order[1] == 1 &&
		d.order[2] == 2,
	    "who does not answer is given up, and the next has his turn");
	close_desk(&d);
}

static void
turns(void)
{
	struct line lines[MOST];
	struct addr open;
	int fd = open_port(&open);
	struct desk d;
	bool in_order = true;

	open_desk(&d, 1, 20000);
	for (int i = 0; i < MOST; i++)
		ring(&d, &lines[i], i, &open);
	wait_for(&d, MOST);
	for (int i = 0; i < MOST; i++)
		in_order = in_order && d.order[i] == i;
	tap_ok(in_order && d.reached == MOST,
	    "one at a time, they are dialled in the order in which they came");
	close_desk(&d);
	open_desk(&d, 10, 20000);
	for (int i = 0; i < MOST; i++)
		ring(&d, &lines[i], i, &open);
	wait_for(&d, MOST);
	tap_is_num(d.reached, MOST, "several at a time, all are dialled");
	close_desk(&d);
	close(fd);
}

static int
connections_at(int listener)
{
	struct addr from;
	int count = 0, fd;

	while ((fd = net_accept(listener, &from)) != -1) {
		close(fd);
		count++;
	}
	return count;
}

static void
cancels(void)
{
	struct line lines[5];
	struct addr open;
	int fd = open_port(&open);
	struct desk d;

	open_desk(&d, 1, 20000);
	for (int i = 0; i < 5; i++)
		ring(&d, &lines[i], i, &open);
	dialler_cancel(lines[0].call);
	dialler_cancel(lines[2].call);
	lines[1].drops = &lines[4];
	wait_for(&d, 2);
	tap_ok(d.order[0] == 1 && d.order[1] == 3,
	    "who is cancelled is not told, first, middle or last");
	tap_is_num(connections_at(fd), 2, "nor dialled");
	ring(&d, &lines[0], 0, &open);
	wait_for(&d, 3);
	tap_is_num(d.reached, 3, "later calls go on");
	dialler_cancel(NULL);
	close_desk(&d);
	close(fd);
}

/* From now on there is no descriptor left. */
static void
take_descriptors(struct rlimit *before)
{
	int next = dup(STDOUT_FILENO);
	struct rlimit none;

	close(next);
	getrlimit(RLIMIT_NOFILE, before);
	none = *before;
	none.rlim_cur = (rlim_t)next;
	setrlimit(RLIMIT_NOFILE, &none);
}

struct giver {
	struct loop_timer timer;
	struct rlimit limit;
	struct desk *desk;
	int told; /* by the time that there were descriptors again */
};

static void
give_back(struct loop_timer *timer)
{
	struct giver *g = LOOP_OWNER(timer, struct giver, timer);

	g->told = g->desk->told;
	setrlimit(RLIMIT_NOFILE, &g->limit);
}

static void
shortage(void)
{
	struct giver g = {.timer.fire = give_back};
	struct line lines[2];
	struct addr open;
	int fd = open_port(&open);
	struct desk d;

	open_desk(&d, 4, 20000);
	g.desk = &d;
	ring(&d, &lines[0], 0, &open);
	ring(&d, &lines[1], 1, &open);
	take_descriptors(&g.limit);
	loop_timer_set(d.loop, &g.timer, 100);
	wait_for(&d, 2);
	tap_is_num(g.told, 0, "without a descriptor nobody is told anything");
	tap_is_num(d.reached, 2, "with one again they are dialled");
	close_desk(&d);
	close(fd);
}

int
main(void)
{
	outcomes();
	hangs();
	turns();
	cancels();
	shortage();
	dialler_free(NULL);
	return tap_done();
}
