#include "lib/loop.h"

#include <sys/socket.h>
#include <unistd.h>

#include "tap.h"

/* A descriptor whose events are counted, and what it does about them. */
struct seen {
	struct loop_io io;
	struct loop_timer timer;
	struct loop *loop;
	int count;
	unsigned events;
	size_t ready; /* so many were, when it was */
	void (*then)(struct seen *seen);
	struct seen *other;
	int spare; /* for the other to have */
};

static void
on_seen(struct loop_io *io, unsigned events)
{
	struct seen *s = LOOP_OWNER(io, struct seen, io);

	s->count++;
	s->events = events;
	if (s->then != NULL)
		s->then(s);
}

static void
stop(struct seen *s)
{
	loop_stop(s->loop);
}

static void
seen_init(struct seen *s, struct loop *loop, int fd)
{
	*s = (struct seen){
	    .io = {.fd = fd, .ready = on_seen}, .loop = loop, .then = stop};
}

/* A pair of ends; something waits to be read at ends[0] when full. */
static void
pair(int ends[2], bool full)
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == -1 ||
	    (full && write(ends[1], "x", 1) != 1))
		abort();
}

static void
unpair(int ends[2])
{
	close(ends[0]);
	close(ends[1]);
}

static void
on_time(struct loop_timer *timer)
{
	loop_stop(LOOP_OWNER(timer, struct seen, timer)->loop);
}

/* Let the loop run for ms. */
static void
run_for(struct loop *loop, int64_t ms)
{
	struct seen s = {.timer.fire = on_time, .loop = loop};

	loop_timer_set(loop, &s.timer, ms);
	loop_run(loop);
}

static void
test_readiness(void)
{
	struct loop *loop = loop_new();
	struct seen s;
	int ends[2];

	pair(ends, false);
	seen_init(&s, loop, ends[0]);
	tap_is_num(loop_watch(loop, &s.io, LOOP_READ | LOOP_WRITE), 0,
	    "a descriptor can be watched for both");
	loop_run(loop);
	tap_is_num(s.events, LOOP_WRITE, "only what is ready is told");
	loop_watch(loop, &s.io, LOOP_READ);
	run_for(loop, 5);
	tap_is_num(s.count, 1, "what is watched no longer is not told");
	tap_ok(write(ends[1], "x", 1) == 1, "a byte is sent");
	loop_run(loop);
	tap_is_num(s.events, LOOP_READ, "bytes make a descriptor readable");
	loop_watch(loop, &s.io, 0);
	run_for(loop, 5);
	tap_is_num(s.count, 2, "a descriptor is forgotten with no events");
	tap_is_num(loop_watch(loop, &s.io, 0), 0, "forgetting twice is legal");
	loop_free(loop);
	unpair(ends);
}

static void
test_unchanged(void)
{
	struct loop *loop = loop_new();
	struct seen s;
	int ends[2];

	pair(ends, false);
	seen_init(&s, loop, dup(ends[0]));
	loop_watch(loop, &s.io, LOOP_READ);
	close(s.io.fd);
	tap_is_num(loop_watch(loop, &s.io, LOOP_READ), 0,
	    "watching what is watched does not ask the system");
	loop_watch(loop, &s.io, 0);
	loop_free(loop);
	unpair(ends);
}

static void
test_hangup(void)
{
	struct loop *loop = loop_new();
	struct seen s;
	int ends[2];

	pair(ends, true);
	seen_init(&s, loop, ends[0]);
	loop_watch(loop, &s.io, LOOP_HANGUP);
	run_for(loop, 5);
	tap_is_num(s.count, 0, "bytes are no hang-up");
	shutdown(ends[1], SHUT_WR);
	run_for(loop, 5);
	tap_is_num(s.count, 0, "nor is the end of the other's stream");
	close(ends[1]);
	loop_run(loop);
	tap_is_num(s.events, LOOP_HANGUP, "the end of both ways is");
	loop_watch(loop, &s.io, LOOP_READ | LOOP_WRITE);
	loop_run(loop);
	tap_is_num(s.events, LOOP_READ | LOOP_WRITE,
	    "a hang-up is told as all that is watched");
	loop_watch(loop, &s.io, 0);
	loop_free(loop);
	close(ends[0]);
}

/* Forget both, and leave nothing of the other that could be used. */
static void
forget_other(struct seen *s)
{
	loop_watch(s->loop, &s->io, 0);
	loop_watch(s->loop, &s->other->io, 0);
	memset(s->other, 0xff, sizeof *s->other);
}

static void
test_forgotten_in_batch(void)
{
	struct loop *loop = loop_new();
	struct seen *a = calloc(1, sizeof *a), *b = calloc(1, sizeof *b);
	int first[2], second[2];

	pair(first, true);
	pair(second, true);
	seen_init(a, loop, first[0]);
	seen_init(b, loop, second[0]);
	a->then = b->then = forget_other;
	a->other = b;
	b->other = a;
	loop_watch(loop, &a->io, LOOP_READ);
	loop_watch(loop, &b->io, LOOP_READ);
	run_for(loop, 5);
	tap_ok(true, "an event fetched for what was forgotten is not told");
	loop_free(loop);
	free(a);
	free(b);
	unpair(first);
	unpair(second);
}

/* Give the other's struct to a descriptor that is not ready. */
static void
reuse_other(struct seen *s)
{
	int spare = s->spare;

	loop_watch(s->loop, &s->io, 0);
	loop_watch(s->loop, &s->other->io, 0);
	seen_init(s->other, s->loop, spare);
	loop_watch(s->loop, &s->other->io, LOOP_READ);
}

static void
test_reused_in_batch(void)
{
	struct loop *loop = loop_new();
	struct seen a, b, *left;
	int first[2], second[2], idle[2];

	pair(first, true);
	pair(second, true);
	pair(idle, false);
	seen_init(&a, loop, first[0]);
	seen_init(&b, loop, second[0]);
	a.then = b.then = reuse_other;
	a.other = &b;
	b.other = &a;
	a.spare = b.spare = idle[0];
	loop_watch(loop, &a.io, LOOP_READ);
	loop_watch(loop, &b.io, LOOP_READ);
	run_for(loop, 5);
	left = a.io.fd == idle[0] ? &a : &b;
	tap_is_num(left->io.fd, idle[0], "a struct is used again at once");
	tap_is_num(left->count, 0,
	    "an event fetched for its former descriptor is not told");
	tap_ok(write(idle[1], "x", 1) == 1, "the new descriptor gets a byte");
	loop_run(loop);
	tap_is_num(left->events, LOOP_READ, "and is told of its own events");
	loop_watch(loop, &left->io, 0);
	loop_free(loop);
	unpair(first);
	unpair(second);
	unpair(idle);
}

static void
forget_self(struct seen *s)
{
	loop_watch(s->loop, &s->io, 0);
}

static void
watch_other(struct seen *s)
{
	loop_watch(s->loop, &s->io, 0);
	loop_watch(s->loop, &s->other->io, LOOP_READ);
}

static void
test_many(void)
{
	enum { MANY = 400 };
	struct loop *loop = loop_new();
	static struct seen seen[MANY];
	static int ends[MANY][2];
	int once = 0;

	for (int i = 0; i < MANY; i++) {
		pair(ends[i], true);
		seen_init(&seen[i], loop, ends[i][0]);
		seen[i].then = i % 2 ? forget_self : watch_other;
		seen[i].other = &seen[i - i % 2 + 1];
		if (i % 2 == 0)
			loop_watch(loop, &seen[i].io, LOOP_READ);
	}
	run_for(loop, 50);
	for (int i = 0; i < MANY; i++)
		once += seen[i].count == 1;
	tap_is_num(
	    once, MANY, "callbacks add and remove descriptors, each told once");
	loop_free(loop);
	for (int i = 0; i < MANY; i++)
		unpair(ends[i]);
}

static void
count_ready(struct seen *s)
{
	s->ready = loop_ready(s->loop);
	loop_watch(s->loop, &s->io, 0);
	loop_stop(s->loop);
}

static void
test_ready(void)
{
	enum { READY = 3 };
	struct loop *loop = loop_new();
	struct seen seen[READY];
	int ends[READY][2];

	tap_is_num((long long)loop_ready(loop), 1,
	    "what is done before anything happened is done alone");
	for (int i = 0; i < READY; i++) {
		pair(ends[i], true);
		seen_init(&seen[i], loop, ends[i][0]);
		seen[i].then = count_ready;
		loop_watch(loop, &seen[i].io, LOOP_READ);
	}
	loop_run(loop);
	tap_is_num((long long)seen[0].ready, READY,
	    "who has its turn knows how many have theirs");
	loop_free(loop);
	for (int i = 0; i < READY; i++)
		unpair(ends[i]);
}

static void
test_shared(void)
{
	struct loop *loops[2] = {loop_new(), loop_new()};
	struct seen s[2];
	int ends[2];

	pair(ends, true);
	for (int i = 0; i < 2; i++) {
		seen_init(&s[i], loops[i], ends[0]);
		tap_is_num(loop_watch_shared(loops[i], &s[i].io), 0,
		    "a descriptor is shared between loops");
	}
	loop_run(loops[0]);
	tap_is_num(s[0].events, LOOP_READ, "one of them is told");
	tap_is_num(loop_watch(loops[0], &s[0].io, LOOP_READ | LOOP_WRITE), 0,
	    "sharing ends with another watch");
	loop_run(loops[0]);
	tap_is_num(s[0].events, LOOP_READ | LOOP_WRITE, "which is honoured");
	loop_watch(loops[0], &s[0].io, 0);
	run_for(loops[0], 5);
	tap_is_num(s[0].count, 2, "who stops sharing is not told");
	tap_is_num(loop_watch_shared(loops[0], &s[0].io), 0,
	    "sharing can begin again");
	loop_run(loops[0]);
	tap_is_num(s[0].count, 3, "and is told again");
	loop_free(loops[0]);
	loop_free(loops[1]);
	unpair(ends);
}

int
main(void)
{
	alarm(60);
	test_readiness();
	test_unchanged();
	test_hangup();
	test_forgotten_in_batch();
	test_reused_in_batch();
	test_many();
	test_ready();
	test_shared();
	return tap_done();
}
