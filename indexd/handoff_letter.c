#include "handoff_letter.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* So that neither side takes another program's datagram, or version, for one. */
#define TEXT "naputils: serve 1"

/* connection, answer */
#define DESCRIPTORS 2

/* What comes beside the text: who sent it, and descriptors. */
union control {
	struct cmsghdr first; /* for its alignment */
	char room[CMSG_SPACE(sizeof(struct ucred)) +
	    CMSG_SPACE(DESCRIPTORS * sizeof(int))];
};

/* What has been found in it. Of more descriptors the kernel lets none in. */
struct contents {
	int fds[DESCRIPTORS];
	size_t count;
	uid_t sender;
	bool is_signed;
};

int
handoff_letter_send(int to, int connection, int answer)
{
	const int fds[DESCRIPTORS] = {connection, answer};
	char text[] = TEXT;
	union control control = {0};
	struct iovec part = {text, sizeof text - 1};
	struct msghdr letter = {
	    .msg_iov = &part,
	    .msg_iovlen = 1,
	    .msg_control = control.room,
	    .msg_controllen = CMSG_SPACE(sizeof fds),
	};
	struct cmsghdr *item = CMSG_FIRSTHDR(&letter);
	ssize_t n;

	item->cmsg_level = SOL_SOCKET;
	item->cmsg_type = SCM_RIGHTS;
	item->cmsg_len = CMSG_LEN(sizeof fds);
	memcpy(CMSG_DATA(item), fds, sizeof fds);
	do {
		n = sendmsg(to, &letter, MSG_NOSIGNAL);
	} while (n == -1 && errno == EINTR);
	return n == -1 ? -1 : 0;
}

static void
close_all(const struct contents *c)
{
	for (size_t i = 0; i < c->count; i++)
		close(c->fds[i]);
}

static void
take_descriptors(struct contents *c, const struct cmsghdr *item)
{
	size_t n = (item->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	int fd;

	for (size_t i = 0; i < n; i++) {
		memcpy(&fd, CMSG_DATA(item) + i * sizeof fd, sizeof fd);
		if (c->count < DESCRIPTORS)
			c->fds[c->count++] = fd;
		else
			close(fd);
	}
}

static void
take_sender(struct contents *c, const struct cmsghdr *item)
{
	struct ucred who;

	if (item->cmsg_len != CMSG_LEN(sizeof who))
		return;
	memcpy(&who, CMSG_DATA(item), sizeof who);
	c->sender = who.uid;
	c->is_signed = true;
}

static void
open_letter(struct contents *c, struct msghdr *letter)
{
	struct cmsghdr *item = CMSG_FIRSTHDR(letter);

	for (; item; item = CMSG_NXTHDR(letter, item)) {
		if (item->cmsg_level != SOL_SOCKET)
			continue;
		if (item->cmsg_type == SCM_RIGHTS)
			take_descriptors(c, item);
		else if (item->cmsg_type == SCM_CREDENTIALS)
			take_sender(c, item);
	}
}

int
handoff_letter_receive(int from, struct handoff_letter *letter)
{
	/* One more, or what is longer would look the same. */
	char text[sizeof TEXT];
	union control control = {0};
	struct iovec part = {text, sizeof text};
	struct msghdr got = {
	    .msg_iov = &part,
	    .msg_iovlen = 1,
	    .msg_control = control.room,
	    .msg_controllen = sizeof control.room,
	};
	struct contents c = {.count = 0};
	ssize_t n;

	do {
		n = recvmsg(from, &got, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	} while (n == -1 && errno == EINTR);
	if (n == -1)
		return -1;
	open_letter(&c, &got);
	if (got.msg_flags & (MSG_TRUNC | MSG_CTRUNC) || !c.is_signed ||
	    c.count != DESCRIPTORS || n != sizeof TEXT - 1 ||
	    memcmp(text, TEXT, sizeof TEXT - 1) != 0) {
		close_all(&c);
		errno = EBADMSG;
		return -1;
	}
	*letter = (struct handoff_letter){c.fds[0], c.fds[1], c.sender};
	return 0;
}

void
handoff_letter_answer(struct handoff_letter *letter, enum handoff_answer answer)
{
	const char byte = (char)answer;

	/* Who has lost patience may send it again: it is gone twice then. */
	(void)send(letter->answer, &byte, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
	close(letter->answer);
	letter->answer = -1;
}
