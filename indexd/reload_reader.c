#include "reload_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/conf.h"
#include "lib/drop.h"

/* So long indexd's main thread waits for an answer, and not for signals. */
#define ANSWER_MS 5000

/* Its standard input is where it is asked; then come two for each file. */
#define ASKED 0
#define FIRST 3
#define PLACES (2 * PRESETS_FILES)

/* What stands before the text of each file in an answer. */
struct head {
	int32_t error; /* 0, or why it could not be read */
	uint32_t there;
	uint32_t len;
};

/* Where the file really is, if a symbolic link leads there; or -1. */
static int
open_place(const char *path)
{
	char *real = path ? realpath(path, NULL) : NULL, *slash;
	int fd = -1;

	slash = real ? strrchr(real, '/') : NULL;
	if (slash && slash != real) {
		*slash = '\0';
		fd = open(real, O_PATH | O_DIRECTORY | O_CLOEXEC);
	}
	free(real);
	return fd;
}

/* All len bytes. 0, or -1 with errno. */
static int
send_all(int fd, const void *bytes, size_t len)
{
	const char *from = bytes;
	ssize_t n;

	while (len > 0) {
		n = send(fd, from, len, MSG_NOSIGNAL);
		if (n == -1 && errno != EINTR)
			return -1;
		if (n > 0) {
			from += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

static int
send_file(struct presets_file *file, int directory)
{
	struct head head = {.error = 0};
	int result;

	if (presets_load(file, directory) < 0)
		head.error = errno;
	head.there = file->text != NULL;
	head.len = (uint32_t)file->len;
	result = send_all(ASKED, &head, sizeof head);
	if (result == 0)
		result = send_all(ASKED, file->text, file->len);
	free(file->text);
	file->text = NULL;
	return result;
}

/* For as long as somebody asks. */
static void
answer(struct presets *p, const int *directories)
{
	ssize_t n;
	char byte;

	for (;;) {
		n = read(ASKED, &byte, 1);
		if (n == 0 || (n == -1 && errno != EINTR))
			return;
		for (int i = 0; n == 1 && i < PRESETS_FILES; i++)
			if (send_file(&p->files[i], directories[i]) < 0)
				return;
	}
}

/* Nothing but asked and what is opened now; talk is indexd's. 0, or -1. */
static int
settle(int asked)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null == -1 || dup2(asked, ASKED) == -1 || dup2(null, 1) == -1 ||
	    dup2(null, 2) == -1)
		return -1;
	drop_descriptors(FIRST);
	return 0;
}

/* What is meant for indexd may be sent to the whole group of processes. */
static void
ignore_signals(void)
{
	static const int numbers[] = {SIGHUP, SIGINT, SIGUSR1};
	sigset_t none;

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		signal(numbers[i], SIG_IGN);
	sigemptyset(&none);
	pthread_sigmask(SIG_SETMASK, &none, NULL);
}

_Noreturn static void
run(const struct reload_reader_spec *spec, int asked)
{
	struct presets p = *spec->presets;
	int directories[PRESETS_FILES], all[PLACES + 1], count = 0;
	const struct drop_sandbox sandbox = {
	    .mode = spec->sandbox, .read = -1, .files = all};

	ignore_signals();
	unsetenv("NOTIFY_SOCKET"); /* of which it has nothing to tell */
	pthread_setname_np(pthread_self(), "indexd/reload");
	if (settle(asked) < 0)
		_exit(EXIT_FAILURE);
	for (int i = 0; i < PRESETS_FILES; i++) {
		directories[i] = presets_directory(&p.files[i]);
		if (directories[i] >= 0)
			all[count++] = directories[i];
		all[count] = open_place(p.files[i].path);
		count += all[count] >= 0;
	}
	all[count] = -1;
	if ((spec->user && drop_to_user(spec->user) < 0) ||
	    drop_sandbox_enter(&sandbox) < 0)
		_exit(EXIT_FAILURE);
	answer(&p, directories);
	_exit(EXIT_SUCCESS);
}

int
reload_reader_start(const struct reload_reader_spec *spec)
{
	int ends[2], error;
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == -1)
		return -1;
	fflush(NULL);
	child = fork();
	if (child == 0)
		run(spec, ends[1]);
	error = errno;
	close(ends[1]);
	if (child > 0)
		return ends[0];
	close(ends[0]);
	errno = error;
	return -1;
}

/* All len bytes, before that time. 0, or -1 with errno. */
static int
receive(int fd, void *bytes, size_t len, int64_t until)
{
	struct pollfd waiting = {.fd = fd, .events = POLLIN};
	char *to = bytes;
	int64_t left;
	ssize_t n;

	while (len > 0) {
		left = until - clock_ms();
		if (left <= 0) {
			errno = ETIMEDOUT;
			return -1;
		}
		if (poll(&waiting, 1, (int)left) != 1)
			continue;
		n = recv(fd, to, len, MSG_DONTWAIT);
		if (n == 0) {
			errno = EPIPE;
			return -1;
		}
		if (n == -1 && errno != EINTR && errno != EAGAIN)
			return -1;
		if (n > 0) {
			to += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

/*
 * Room for the texts, before anything is asked for: an answer of which a part is
 * left unread is one that nobody can make sense of. 0, or -1 with errno.
 */
static int
make_room(struct presets *p)
{
	for (int i = 0; i < PRESETS_FILES; i++) {
		p->files[i].text = malloc(CONF_BYTES_MAX + 2);
		if (!p->files[i].text)
			return -1;
	}
	return 0;
}

/*
 * A file that there is not loses the room for its text. 0, with *error when it
 * could not be read; or -1 with errno.
 */
static int
receive_file(int fd, struct presets_file *file, int64_t until, int *error)
{
	struct head head;

	if (receive(fd, &head, sizeof head, until) < 0)
		return -1;
	*error = head.error;
	if (!head.there) {
		free(file->text);
		file->text = NULL;
		return 0;
	}
	if (head.len > CONF_BYTES_MAX + 1) {
		errno = EPROTO;
		return -1;
	}
	file->len = head.len;
	return receive(fd, file->text, head.len, until);
}

static int
ask(int fd, struct presets *p)
{
	const int64_t until = clock_ms() + ANSWER_MS;
	struct presets_file *file;
	int error;

	if (send_all(fd, "", 1) < 0)
		return -1;
	for (int i = 0; i < PRESETS_FILES; i++) {
		file = &p->files[i];
		if (receive_file(fd, file, until, &error) < 0)
			return -1;
		if (error != 0)
			presets_complain(p, file, 0, strerror(error));
	}
	return 0;
}

int
reload_reader_ask(int *reader, struct presets *p)
{
	p->why[0] = '\0';
	if (make_room(p) < 0) {
		snprintf(p->why, sizeof p->why, "%s", strerror(errno));
		return -1;
	}
	if (*reader == -1)
		errno = ESRCH;
	else if (ask(*reader, p) == 0)
		return p->why[0] ? -1 : 0;
	snprintf(p->why, sizeof p->why,
	    "the process that reads it has gone: %s", strerror(errno));
	if (*reader != -1)
		close(*reader);
	*reader = -1;
	return -1;
}
