#ifndef NAP_HANDOFF_H
#define NAP_HANDOFF_H

/*
 * A super-server starts a process for every connection, and all of them want
 * the same index. So each hands its connection over to one that stays, the
 * resident, and leaves.
 */
enum handoff {
	HANDOFF_DONE, /* the resident has it */
	HANDOFF_FAILED, /* nobody has; why was told */
	HANDOFF_RESIDENT /* there was none: this process is to be it */
};

/*
 * Hand connection over to the resident at path, or, when that is NULL, to the
 * one for the local port of the connection (handoff_place.h), starting it when
 * there is none. Returns in two processes then: in ours, and in one forked from
 * it (drop_offspring) as the resident, with *socket for its reception.
 *
 * A connection that has ended is done. What this process has of it stays open;
 * the resident has nothing open but *socket.
 */
enum handoff handoff_give(int connection, const char *path, int *socket);

#endif
