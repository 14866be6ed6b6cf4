#ifndef NAP_RECEPTION_H
#define NAP_RECEPTION_H

struct addr;
struct loop;
struct reception;

struct reception_spec {
	struct loop *loop;
	int socket; /* of datagrams (net_unix_bind); stays the caller's */
	void (*accepted)(void *arg, int fd, const struct addr *peer);
	void *arg;
};

/*
 * Accept connections that other processes hand over (handoff_letter.h), as
 * listen_new those that come by themselves. Only who made the socket and root
 * may; whatever else is sent is closed, and told in the log. accepted owns fd.
 * NULL with errno.
 */
struct reception *reception_new(const struct reception_spec *spec);

/* reception_free(NULL) is legal. */
void reception_free(struct reception *r);

#endif
