#include "nshare/announce.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/locator.h"
#include "nshare/backoff.h"
#include "nshare/catalogue.h"
#include "nshare/slots.h"
#include "tap.h"

/*
 * An index that says what it is told to, and hears one peer. That something
 * takes no less than its time is measured from before it can have begun, so no
 * load of the machine spoils it; that it comes at all is waited for.
 */

#define WAIT_MS 30000
#define LONG_MS 3600000

struct index {
	int listener;
	int fd; /* of the peer's connection, or -1 */
	char heard[4096]; /* on it, all of it */
	size_t len;
	bool ended; /* by the peer */
	struct catalogue *files;
	struct slots slots;
	struct locator_host at;
	struct announce *announce;
	atomic_int settled;
};

static void
on_settled(void *arg, size_t which, struct slice at)
{
	struct index *x = arg;

	(void)which;
	(void)at;
	atomic_fetch_add(&x->settled, 1);
}

static void
make_files(struct index *x)
{
	const struct catalogue_file file = {
	    .path = SLICE("song"), .size = 5, .mtime = 7};

	x->files = catalogue_new();
	if (!x->files || catalogue_fill(x->files, &file) < 0 ||
	    catalogue_settle(x->files) < 0)
		abort();
}

static void
open_port(struct index *x)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t len = sizeof at;
	char text[32];

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	x->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (x->listener < 0 ||
	    bind(x->listener, (struct sockaddr *)&at, sizeof at) < 0 ||
	    listen(x->listener, 8) < 0 ||
	    getsockname(x->listener, (struct sockaddr *)&at, &len) < 0)
		abort();
	snprintf(text, sizeof text, "127.0.0.1:%u", ntohs(at.sin_port));
	if (locator_host_parse(slice_str(text), 0, true, &x->at) < 0)
		abort();
}

/* The peer has these times, and connects from now on. */
static void
begin(struct index *x, struct silence_times times)
{
	struct announce_spec spec = {
	    .index = &x->at,
	    .port = 9000,
	    .times = times,
	    .settled = on_settled,
	    .arg = x,
	};

	*x = (struct index){.fd = -1, .slots.max = 3};
	make_files(x);
	open_port(x);
	spec.files = x->files;
	spec.slots = &x->slots;
	x->announce = announce_new(&spec);
	if (!x->announce || announce_start(x->announce) < 0)
		abort();
}

static void
hang_up(struct index *x)
{
	if (x->fd >= 0)
		close(x->fd);
	x->fd = -1;
}

static void
end(struct index *x)
{
	if (announce_free(x->announce) < 0)
		abort();
	hang_up(x);
	close(x->listener);
	catalogue_free(x->files);
}

static bool
is_ready(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, WAIT_MS) == 1;
}

/* Wait for the peer; when it came, or 0. */
static int64_t
meet(struct index *x)
{
	hang_up(x);
	x->len = 0;
	x->ended = false;
	if (is_ready(x->listener))
		x->fd = accept(x->listener, NULL, NULL);
	return x->fd < 0 ? 0 : clock_ms();
}

static void
say(struct index *x, const char *text)
{
	(void)!send(x->fd, text, strlen(text), MSG_NOSIGNAL);
}

/* Hear more; false when nothing comes, be it that the stream has ended. */
static bool
hear(struct index *x)
{
	ssize_t n;

	if (x->len == sizeof x->heard - 1 || !is_ready(x->fd))
		return false;
	n = recv(x->fd, x->heard + x->len, sizeof x->heard - 1 - x->len, 0);
	if (n > 0)
		x->len += (size_t)n;
	x->ended = n <= 0;
	x->heard[x->len] = '\0';
	return n > 0;
}

/* Hear all up to text, which is forgotten with what stood before it. */
static bool
hear_of(struct index *x, const char *text)
{
	char *at;

	x->heard[x->len] = '\0';
	while (!(at = strstr(x->heard, text)))
		if (!hear(x))
			return false;
	at += strlen(text);
	x->len -= (size_t)(at - x->heard);
	memmove(x->heard, at, x->len + 1);
	return true;
}

/* Hear the peer out. When it ended, or 0 if it did not, or asked before. */
static int64_t
hear_end(struct index *x)
{
	while (hear(x))
		continue;
	return x->ended && !strstr(x->heard, "PING\n") ? clock_ms() : 0;
}

/* Have it say all that it has, up to SYNC. */
static bool
is_told(struct index *x)
{
	if (!hear_of(x, "HELLO 9000 nap/2\n"))
		return false;
	say(x, "OK 192.0.2.7:9000\n");
	return hear_of(x, "LOAD 0 3\n") && hear_of(x, "ADD 5 7 - song\n") &&
	    hear_of(x, "SYNC\n");
}

static void
test_silence(void)
{
	struct index x;
	int64_t began, asked;

	begin(&x,
	    (struct silence_times){.ping_ms = 200,
		.answer_ms = 300,
		.hello_ms = LONG_MS,
		.sync_ms = LONG_MS});
	meet(&x);
	tap_ok(is_told(&x), "an index is told everything");
	began = clock_ms();
	say(&x, "OK 1 0\n");
	tap_ok(hear_of(&x, "PING\n"), "one that falls silent is asked");
	asked = clock_ms();
	tap_ok(asked - began >= 200, "after a while");
	tap_ok(hear_end(&x) >= began + 500, "and left when it does not answer");
	tap_ok(meet(&x) > 0 && is_told(&x),
	    "then it is told everything again, on another connection");
	say(&x, "OK 1 0\n");
	tap_ok(hear_of(&x, "PING\n"), "and asked there, too");
	tap_is_num(atomic_load(&x.settled), 2, "it is settled each time");
	end(&x);
}

static void
test_answers(void)
{
	struct index x;
	bool goes_on = true;

	begin(&x,
	    (struct silence_times){.ping_ms = 50,
		.answer_ms = LONG_MS,
		.hello_ms = LONG_MS,
		.sync_ms = LONG_MS});
	meet(&x);
	is_told(&x);
	say(&x, "OK 1 0\n");
	for (int i = 0; i < 5; i++) {
		goes_on = goes_on && hear_of(&x, "PING\n");
		say(&x, "PONG\n");
	}
	tap_ok(goes_on, "an index that answers is asked again and again");
	end(&x);
}

static void
test_hello(void)
{
	struct index x;
	int64_t began = clock_ms();

	begin(&x,
	    (struct silence_times){.ping_ms = 50,
		.answer_ms = 50,
		.hello_ms = 400,
		.sync_ms = LONG_MS});
	tap_ok(meet(&x) && hear_of(&x, "HELLO 9000 nap/2\n"), "it is greeted");
	say(&x, "PONG\n");
	tap_ok(hear_end(&x) >= began + 400,
	    "an index that answers no HELLO is left in time, and not asked");
	tap_ok(meet(&x) >= began + 400 + BACKOFF_MIN_MS,
	    "it is tried again, and not at once");
	end(&x);
}

/* Be heard of, and answered, until the peer ends. */
static void
talk_on(struct index *x)
{
	do {
		usleep(20000);
		say(x, "PING\n");
	} while (hear_of(x, "PONG\n"));
}

static void
test_sync(void)
{
	struct index x;
	int64_t began = clock_ms();

	begin(&x,
	    (struct silence_times){.ping_ms = 50,
		.answer_ms = 50,
		.hello_ms = LONG_MS,
		.sync_ms = 600});
	tap_ok(meet(&x) && is_told(&x), "it asks whether all has arrived");
	talk_on(&x);
	tap_ok(hear_end(&x) >= began + 600,
	    "an index that answers no SYNC is left in time, though it talks");
	tap_is_num(atomic_load(&x.settled), 0, "it was never settled");
	tap_ok(meet(&x) && is_told(&x), "it is told everything again");
	end(&x);
}

int
main(void)
{
	test_silence();
	test_answers();
	test_hello();
	test_sync();
	return tap_done();
}
