#include "stop.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/signalfd.h>
#include <unistd.h>

static const int signals[] = {SIGINT, SIGTERM};

static bool
is_ignored(int number)
{
	struct sigaction action;

	return sigaction(number, NULL, &action) == 0 &&
	    action.sa_handler == SIG_IGN;
}

static void
fill(sigset_t *set)
{
	sigemptyset(set);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		if (!is_ignored(signals[i]))
			sigaddset(set, signals[i]);
}

static void
on_signal(struct loop_io *io, unsigned events)
{
	struct stop *s = LOOP_OWNER(io, struct stop, io);
	struct signalfd_siginfo info;

	(void)events;
	if (read(io->fd, &info, sizeof info) != sizeof info)
		return;
	s->signal = (int)info.ssi_signo;
	loop_stop(s->loop);
}

int
stop_open(struct stop *s, struct loop *loop)
{
	sigset_t set;
	int error;

	*s = (struct stop){.loop = loop, .io.ready = on_signal};
	fill(&set);
	sigprocmask(SIG_BLOCK, &set, &s->before);
	s->io.fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (s->io.fd >= 0 && loop_watch(loop, &s->io, LOOP_READ) == 0)
		return 0;
	error = errno;
	stop_close(s);
	errno = error;
	return -1;
}

void
stop_let(sigset_t *held)
{
	sigset_t set;

	fill(&set);
	sigprocmask(SIG_UNBLOCK, &set, held);
}

void
stop_hold(const sigset_t *held)
{
	sigprocmask(SIG_SETMASK, held, NULL);
}

void
stop_close(struct stop *s)
{
	if (s->io.fd >= 0) {
		loop_watch(s->loop, &s->io, 0);
		close(s->io.fd);
	}
	s->io.fd = -1;
	sigprocmask(SIG_SETMASK, &s->before, NULL);
}

void
stop_die(struct stop *s)
{
	stop_close(s);
	raise(s->signal);
	_exit(128 + s->signal);
}
