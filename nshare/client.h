#ifndef NAP_CLIENT_H
#define NAP_CLIENT_H

#include "lib/http.h"
#include "page.h"
#include "plan.h"

struct addr;
struct client;
struct loop;
struct opened;
struct site;

/*
 * What is unread and unsent of one connection is never more: room for a head,
 * and for a piece of a page behind answers.
 */
#define CLIENT_IN_BYTES (HTTP_HEAD_BYTES + 8192)
#define CLIENT_OUT_BYTES (PAGE_PIECE_BYTES + 32768)

/* A head must be complete within the one, and begin within the other. */
#define CLIENT_HEAD_MS 10000
#define CLIENT_IDLE_MS 30000

/* How often readers are looked at, whether they take something. */
#define CLIENT_LOOK_MS 2000

/*
 * How long the seed's form waits for a slot; and when the client has ended its
 * stream, which is all that is seen of most who have left.
 */
#define CLIENT_SLOT_MS 600000
#define CLIENT_HALF_CLOSED_MS 60000

/* What the clients of one thread share. Begins zeroed but for the first. */
struct client_room {
	struct loop *loop;
	const struct site *site;
	struct opened *opened;
	void (*left)(void *arg, const struct addr *peer); /* one is gone */
	void *arg;
	struct plan_now now; /* client.c's */
	struct client *all; /* client.c's: who came first is first */
	struct client **end; /* client.c's: where the next is linked */
};

/*
 * Serve who is connected with fd, in HTTP or the seed's form, until that ends.
 * 0, or -1 with errno; fd is then the caller's still, and left is not called.
 */
int client_new(struct client_room *room, int fd, const struct addr *peer);

/* Slots may be free: those that wait for one try again. */
void client_retry_all(struct client_room *room);

/* End every connection; the loop frees them. */
void client_end_all(struct client_room *room);

#endif
