#ifndef NAP_HANDOFF_PLACE_H
#define NAP_HANDOFF_PLACE_H

#include <stdint.h>

#define HANDOFF_NAME_BYTES 100

/*
 * Where a resident index is found: a socket, and a file beside it that is
 * locked by who looks whether there is a resident and starts one. Everything is
 * done relative to the open directory, to which others have no way: what it is
 * called may come to mean something else meanwhile.
 */
struct handoff_place {
	int directory;
	char socket[HANDOFF_NAME_BYTES];
	char lock[HANDOFF_NAME_BYTES];
};

/*
 * At path, whose directory belongs to us or root, and only they may change it.
 * Without one (NULL): indexd-PORT in a directory "naputils" of
 * $XDG_RUNTIME_DIR, where that is ours, or else for root of /run; or else in
 * /tmp/naputils-UID: made if need be, no symbolic link, ours, of mode 0700. 0,
 * or -1 after saying why.
 */
int handoff_place_open(
    struct handoff_place *p, const char *path, uint16_t port);
void handoff_place_close(struct handoff_place *p);

/*
 * A socket whose letters go to the resident, or -1 with errno: ENOENT or
 * ECONNREFUSED when there is none.
 */
int handoff_place_dial(const struct handoff_place *p);

/*
 * Wait until nobody else is starting a resident. The descriptor that holds the
 * lock, or -1 with errno: ETIMEDOUT when that takes too long.
 */
int handoff_place_lock(const struct handoff_place *p);
void handoff_place_unlock(int lock);

/*
 * With the lock held and nobody there: a resident's socket, in place of what
 * another has left. -1 with errno: EEXIST when something is there that is no
 * socket.
 */
int handoff_place_bind(const struct handoff_place *p);

#endif
