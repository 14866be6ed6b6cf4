#include "lib/conn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/time.h>

#include "tap.h"
#include "told.h"

static void
test_slow_reader(void)
{
	enum { SIZE = 12 * 1024 * 1024 };
	struct told t;
	struct told_reader r;
	int peer = told_begin(&t);
	unsigned sum;

	conn_limits(t.c, CONN_IN_BYTES, SIZE, CONN_STALL_MS);
	sum = told_append(t.c, SIZE);
	conn_flush(t.c);
	tap_ok(conn_pending(t.c) > 0, "the kernel does not take everything");
	tap_is_num(t.drained, 0, "flushing calls nobody back");
	tap_ok(told_sleeps(t.loop), "a full connection costs no time");
	told_read(&r, peer, 0);
	tap_ok(told_run_until(&t, told_drained), "the rest follows");
	tap_is_num(t.drained, 1, "and is told once");
	conn_close(t.c);
	told_run_until(&t, told_closed);
	told_read_end(&r);
	tap_ok(r.got == SIZE && r.sum == sum, "all bytes arrive, in order");
	told_finish(&t, peer);
}

static void
test_stall(void)
{
	enum { SIZE = 12 * 1024 * 1024 };
	struct told t;
	int peer = told_begin(&t);

	conn_limits(t.c, CONN_IN_BYTES, SIZE, 100);
	told_append(t.c, SIZE);
	conn_flush(t.c);
	tap_ok(told_run_until(&t, told_closed) && t.error == ETIMEDOUT,
	    "output without progress ends the connection");
	told_finish(&t, peer);
}

/*
 * A buffer in the kernel is writable again only when a good part of it is
 * free: that of a slow reader never is, within the time that a stall takes.
 */
static void
test_slow_is_no_stall(void)
{
	enum { SIZE = 12 * 1024 * 1024 };
	struct told t;
	struct told_reader r;
	int peer = told_begin(&t);
	int64_t start;

	conn_limits(t.c, CONN_IN_BYTES, SIZE, 400);
	told_append(t.c, SIZE);
	conn_flush(t.c);
	told_read(&r, peer, 20000);
	start = loop_now(t.loop);
	told_run_for(t.loop, 1600);
	tap_ok(t.closed == 0 || loop_now(t.loop) - start > 10000,
	    "a slow reader is no stalled one");
	if (t.c != NULL)
		conn_abort(t.c, 0);
	told_run_until(&t, told_closed);
	told_read_end(&r);
	tap_is_num(r.error, ECONNRESET, "unsent output makes an abort a reset");
	told_finish(&t, peer);
}

/* More than one turn of a connection on its loop. */
#define LARGE_BYTES (8 * 1024 * 1024)

/* A file of size patterned bytes; *sum is of those from offset on. */
static int
make_file(size_t size, size_t offset, unsigned *sum)
{
	char *bytes = malloc(size + 1), path[] = "/tmp/t_conn.XXXXXX";
	int fd = mkstemp(path);

	if (bytes == NULL || fd == -1)
		abort();
	unlink(path);
	for (size_t i = 0; i < size; i++)
		bytes[i] = (char)(i * 13 + i / 256);
	if (write(fd, bytes, size) != (ssize_t)size)
		abort();
	*sum = told_mix(*sum, bytes + offset, size - offset);
	free(bytes);
	return fd;
}

static void
test_file(size_t size, size_t offset, const char *sentence)
{
	struct told t;
	struct told_reader r;
	int peer = told_begin(&t);
	unsigned sum = told_mix(0, "head\n", 5);
	int fd = make_file(size, offset, &sum);

	told_read(&r, peer, 0);
	buf_add_str(conn_out(t.c), "head\n");
	conn_send_file(t.c, fd, (off_t)offset, (off_t)(size - offset));
	tap_is_num((long long)conn_pending(t.c), (long long)(5 + size - offset),
	    "a file counts as pending");
	conn_flush(t.c);
	if (size > LARGE_BYTES)
		tap_ok(conn_pending(t.c) > 0, "a large one leaves in turns");
	told_run_until(&t, told_drained);
	tap_is_num((long long)conn_sent(t.c), (long long)(5 + size - offset),
	    "and then as sent");
	tap_ok(fcntl(fd, F_GETFD) == -1, "it is closed once it is sent");
	conn_close(t.c);
	told_run_until(&t, told_closed);
	told_read_end(&r);
	tap_ok(r.sum == sum && r.got == 5 + size - offset, "%s", sentence);
	told_finish(&t, peer);
}

static void
on_signal(int number)
{
	(void)number;
}

/* Signals strike all along: nothing is lost and nothing cut short. */
static void
test_interrupted(void)
{
	struct sigaction action = {.sa_handler = on_signal};
	struct itimerval often = {{0, 300}, {0, 300}}, off = {{0, 0}, {0, 0}};

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	test_file(24 * 1024 * 1024, 4097, "signals cut no file short");
	setitimer(ITIMER_REAL, &off, NULL);
	action.sa_handler = SIG_DFL;
	sigaction(SIGALRM, &action, NULL);
}

static void
test_short_file(size_t size)
{
	struct told t;
	struct told_reader r;
	int peer = told_begin(&t);
	unsigned sum = 0;
	int fd = make_file(size, 0, &sum);

	buf_add_str(conn_out(t.c), "head\n");
	conn_send_file(t.c, fd, 0, (off_t)size + 1);
	conn_flush(t.c);
	told_read(&r, peer, 0);
	tap_ok(told_run_until(&t, told_closed) && t.error == EIO,
	    "a file of %zu bytes that should have one more is EIO", size);
	told_read_end(&r);
	tap_is_num(r.error, ECONNRESET, "and the other end sees a reset");
	tap_ok(fcntl(fd, F_GETFD) == -1, "and it is closed");
	told_finish(&t, peer);
}

static void
test_odd_files(void)
{
	struct told t;
	int peer = told_begin(&t);
	unsigned sum = 0;
	int fd = make_file(10, 0, &sum), second = make_file(10, 0, &sum);

	conn_send_file(t.c, fd, 0, 0);
	tap_ok(fcntl(fd, F_GETFD) == -1 && conn_pending(t.c) == 0,
	    "nothing of a file is nothing, and it is closed");
	fd = make_file(1000000, 0, &sum);
	conn_send_file(t.c, fd, 0, 1000000);
	conn_send_file(t.c, second, 0, 10);
	told_run_until(&t, told_closed);
	tap_is_num(t.error, EALREADY, "a second file at a time is refused");
	tap_ok(fcntl(fd, F_GETFD) == -1 && fcntl(second, F_GETFD) == -1,
	    "and both are closed");
	told_finish(&t, peer);
}

static void
test_file_after_close(void)
{
	struct told t;
	int peer = told_begin(&t);
	unsigned sum = 0;
	int fd = make_file(10, 0, &sum);

	conn_abort(t.c, EPERM);
	conn_send_file(t.c, fd, 0, 10);
	tap_ok(fcntl(fd, F_GETFD) == -1,
	    "a connection that is over closes what it is given");
	told_run_until(&t, told_closed);
	tap_is_num(t.error, EPERM, "an abort says why");
	told_finish(&t, peer);
}

static void
test_drained_chain(void)
{
	struct told t;
	struct told_reader r;
	int peer = told_begin(&t);

	t.again = 100;
	told_read(&r, peer, 0);
	buf_add_str(conn_out(t.c), "first\n");
	conn_flush(t.c);
	while (t.drained < 101 && t.closed == 0)
		told_run_for(t.loop, 1);
	conn_close(t.c);
	told_run_until(&t, told_closed);
	told_read_end(&r);
	tap_is_num((long long)r.got, 101 * 6,
	    "each answer made when drained leaves too");
	told_finish(&t, peer);
}

int
main(void)
{
	test_slow_reader();
	test_stall();
	test_slow_is_no_stall();
	test_file(1, 0, "a file of one byte follows the head");
	test_file(4096, 100, "a range of a file follows the head");
	test_file(9 * 1024 * 1024, 3, "a large file follows the head");
	test_interrupted();
	test_short_file(0);
	test_short_file(100);
	test_short_file(3000000);
	test_odd_files();
	test_file_after_close();
	test_drained_chain();
	return tap_done();
}
