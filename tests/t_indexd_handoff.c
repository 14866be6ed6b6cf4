#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "indexd/handoff_letter.h"
#include "indexd/reception.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/net.h"
#include "tap.h"

/* A resident's reception, and what came through it. */
struct desk {
	struct loop *loop;
	struct reception *reception;
	int socket; /* its end */
	int to; /* ours */
	int accepted; /* the last one, or -1 */
	struct addr peer;
};

static char dir[] = "/tmp/t_indexd_handoff.XXXXXX";

static void
on_accepted(void *arg, int fd, const struct addr *peer)
{
	struct desk *d = arg;

	d->accepted = fd;
	d->peer = *peer;
}

static void
open_desk(struct desk *d)
{
	struct reception_spec spec = {.accepted = on_accepted, .arg = d};

	d->socket = net_unix_bind("socket");
	d->to = net_unix_dial("socket");
	d->loop = spec.loop = loop_new();
	spec.socket = d->socket;
	d->reception = reception_new(&spec);
	d->accepted = -1;
	if (d->to < 0 || !d->loop || !d->reception)
		abort();
}

static void
close_desk(struct desk *d)
{
	reception_free(d->reception);
	loop_free(d->loop);
	close(d->to);
	close(d->socket);
	unlink("socket");
}

static void
on_wake(void *loop)
{
	loop_stop(loop);
}

/* Let it read what has been sent. */
static void
let_read(struct desk *d)
{
	loop_on_wake(d->loop, on_wake, d->loop);
	for (int i = 0; i < 3; i++) {
		loop_wake(d->loop);
		loop_run(d->loop);
	}
}

/* A connection over loopback: both ends. */
static void
connection(int ends[2])
{
	struct addr at = {0}, peer;
	int listener;

	addr_parse_ip(SLICE("127.0.0.1"), &at);
	listener = net_listen(&at);
	ends[1] = net_dial(&at, NULL);
	do
		ends[0] = net_accept(listener, &peer);
	while (ends[0] < 0 && errno == EAGAIN);
	close(listener);
	if (ends[0] < 0)
		abort();
}

static int
count_open(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (d && readdir(d))
		n++;
	closedir(d);
	return n;
}

/* What is read of the answer: a byte, 0 at its end, -1 for none so far. */
static int
answer_of(int fd)
{
	char byte;
	ssize_t n = recv(fd, &byte, 1, MSG_DONTWAIT);

	return n == 1 ? byte : (int)n;
}

/* Hand fd over and let it be read; returns the answer. */
static int
hand_over(struct desk *d, int fd)
{
	int ends[2], answer;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0 ||
	    handoff_letter_send(d->to, fd, ends[1]) < 0)
		abort();
	close(ends[1]);
	let_read(d);
	answer = answer_of(ends[0]);
	close(ends[0]);
	return answer;
}

static void
test_taken(struct desk *d)
{
	struct addr here;
	int ends[2];

	connection(ends);
	net_local(ends[1], &here);
	fcntl(ends[0], F_SETFL, 0);
	tap_is_num(hand_over(d, ends[0]), HANDOFF_TAKEN,
	    "a connection that is handed over is taken");
	close(ends[0]);
	tap_ok(d->accepted >= 0 && addr_eq(&d->peer, &here),
	    "with the address of who is connected");
	tap_ok(write(d->accepted, "x", 1) == 1 && answer_of(ends[1]) == 'x',
	    "who is served through it");
	tap_ok(fcntl(d->accepted, F_GETFL) & O_NONBLOCK &&
		fcntl(d->accepted, F_GETFD) & FD_CLOEXEC,
	    "non-blocking and close-on-exec");
	close(d->accepted);
	close(ends[1]);
	d->accepted = -1;
}

static void
test_gone(struct desk *d)
{
	int ends[2], answer;

	connection(ends);
	net_reset(ends[1]);
	answer = hand_over(d, ends[0]);
	tap_ok(answer == HANDOFF_TAKEN && d->accepted < 0,
	    "one whose client has gone is done with");
	close(ends[0]);
}

static void
test_refused(struct desk *d)
{
	struct addr at = {0};
	int fds[4], pair[2];

	addr_parse_ip(SLICE("127.0.0.1"), &at);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		abort();
	fds[0] = net_listen(&at);
	fds[1] = pair[0];
	fds[2] = socket(AF_INET, SOCK_DGRAM, 0);
	fds[3] = open("/dev/null", O_RDWR);
	tap_is_num(hand_over(d, fds[0]), HANDOFF_REFUSED,
	    "a socket that listens is refused");
	tap_is_num(hand_over(d, fds[1]), HANDOFF_REFUSED,
	    "so is a connection within the system");
	tap_is_num(
	    hand_over(d, fds[2]), HANDOFF_REFUSED, "so is one of datagrams");
	tap_is_num(
	    hand_over(d, fds[3]), HANDOFF_REFUSED, "so is what is no socket");
	tap_ok(d->accepted < 0, "none of them is served");
	for (int i = 0; i < 4; i++)
		close(fds[i]);
	close(pair[1]);
}

/* Send text with n copies of fd, and perhaps some that is not asked for. */
static void
send_junk(int to, const char *text, int fd, size_t n)
{
	union {
		struct cmsghdr first;
		char room[CMSG_SPACE(64 * sizeof(int))];
	} control = {0};
	char copy[64];
	struct iovec part = {copy, strlen(text)};
	struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};
	struct cmsghdr *item;

	memcpy(copy, text, strlen(text));
	if (n > 0) {
		m.msg_control = control.room;
		m.msg_controllen = CMSG_SPACE(n * sizeof fd);
		item = CMSG_FIRSTHDR(&m);
		item->cmsg_level = SOL_SOCKET;
		item->cmsg_type = SCM_RIGHTS;
		item->cmsg_len = CMSG_LEN(n * sizeof fd);
		for (size_t i = 0; i < n; i++)
			memcpy(CMSG_DATA(item) + i * sizeof fd, &fd, sizeof fd);
	}
	if (sendmsg(to, &m, 0) < 0)
		abort();
}

static void
test_junk(struct desk *d)
{
	static const char text[] = "naputils: serve 1";
	int ends[2], before;

	connection(ends);
	before = count_open();
	send_junk(d->to, text, ends[0], 0);
	send_junk(d->to, text, ends[0], 1);
	send_junk(d->to, text, ends[0], 3);
	send_junk(d->to, text, ends[0], 64);
	let_read(d);
	tap_ok(
	    d->accepted < 0, "too few or too many descriptors are no letter");
	send_junk(d->to, "", ends[0], 2);
	send_junk(d->to, "naputils: serve 2", ends[0], 2);
	send_junk(d->to, "naputils: serve 1.", ends[0], 2);
	send_junk(d->to, "naputils: serve ", ends[0], 2);
	let_read(d);
	tap_ok(d->accepted < 0, "nor is one with another text");
	tap_is_num(count_open(), before, "nothing of them stays open");
	send_junk(d->to, text, ends[0], 2);
	let_read(d);
	tap_ok(d->accepted >= 0, "an answer that goes nowhere harms nothing");
	close(d->accepted);
	close(ends[0]);
	close(ends[1]);
	tap_is_num(
	    count_open(), before - 2, "what it was to go to is closed, too");
	d->accepted = -1;
}

/* Hand it over as another user; the answer is the exit status. */
static void
test_stranger(struct desk *d)
{
	int ends[2], answers[2], answer;
	pid_t child;

	if (geteuid() != 0) {
		tap_ok(true, "a stranger # SKIP only root can be another");
		return;
	}
	connection(ends);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, answers) < 0)
		abort();
	child = fork();
	if (child == 0)
		_exit(setuid(65534) < 0 ||
		    handoff_letter_send(d->to, ends[0], answers[1]) < 0);
	waitpid(child, NULL, 0);
	close(answers[1]);
	let_read(d);
	answer = answer_of(answers[0]);
	tap_ok(answer == HANDOFF_REFUSED && d->accepted < 0,
	    "what another user hands over is refused");
	close(answers[0]);
	close(ends[0]);
	close(ends[1]);
}

static void
test_lost(struct desk *d)
{
	int ends[2], answers[2];

	connection(ends);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, answers) < 0 ||
	    handoff_letter_send(d->to, ends[0], answers[1]) < 0)
		abort();
	close(answers[1]);
	tap_is_num(answer_of(answers[0]), -1,
	    "a letter that nobody has read has no answer");
	close_desk(d);
	tap_is_num(answer_of(answers[0]), 0,
	    "and an end when the resident goes without reading it");
	tap_is_num(answer_of(ends[1]), -1,
	    "the connection stands, and can be handed over again");
	close(answers[0]);
	close(ends[0]);
	close(ends[1]);
}

int
main(void)
{
	struct desk desk;
	int before;

	alarm(60);
	log_open("t_indexd_handoff", LOG_LEVEL_INFO);
	if (!mkdtemp(dir) || chdir(dir) < 0)
		return 1;
	before = count_open();
	open_desk(&desk);
	test_taken(&desk);
	test_gone(&desk);
	test_refused(&desk);
	test_junk(&desk);
	test_stranger(&desk);
	test_lost(&desk);
	tap_is_num(count_open(), before, "nothing is left open at the end");
	if (chdir("/") == 0)
		rmdir(dir);
	return tap_done();
}
