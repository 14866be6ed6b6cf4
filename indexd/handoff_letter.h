#ifndef NAP_HANDOFF_LETTER_H
#define NAP_HANDOFF_LETTER_H

#include <sys/types.h>

/*
 * What is sent to a resident index: one datagram with two descriptors, a
 * client's connection and one end of a socket pair. A byte on that is the
 * answer; its end without one, because a process or a queue has gone, says that
 * nobody has taken the connection, and that it may be sent again.
 */
struct handoff_letter {
	int connection;
	int answer;
	uid_t sender;
};

enum handoff_answer {
	HANDOFF_TAKEN = 'T', /* it is served, or was gone, or one too many */
	HANDOFF_REFUSED = 'R' /* it is none that could be served */
};

/*
 * Send both descriptors, which stay the caller's, waiting for room. 0, or -1
 * with errno.
 */
int handoff_letter_send(int to, int connection, int answer);

/*
 * The next letter, whose descriptors are the caller's then, close-on-exec. 0,
 * or -1 with errno: EAGAIN when there is none, EBADMSG when what came is none,
 * of which nothing is left open.
 */
int handoff_letter_receive(int from, struct handoff_letter *letter);

/* Answer it, without waiting, and close that end. */
void handoff_letter_answer(
    struct handoff_letter *letter, enum handoff_answer answer);

#endif
