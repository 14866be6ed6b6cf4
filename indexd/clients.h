#ifndef NAP_CLIENTS_H
#define NAP_CLIENTS_H

struct addr;
struct index;
struct loop;

/*
 * The clients of one worker: their connections, the session on each, and whose
 * turn it is. Who registers much, or may ask for what takes long, waits until
 * those who owe less have had their turn, so that others pass; what does take
 * long is carried out beside; who is too fast is not read for a while; who takes
 * no answers is cut off when too many wait.
 */
struct clients;

struct clients_spec {
	struct index *index;
	struct loop *loop;
	unsigned shard; /* where their listings go */
	void (*gone)(void *arg, const struct addr *address); /* one of them */
	void (*found)(
	    void *arg); /* clients_found is to be called; any thread */
	void *arg;
};

/*
 * NULL with errno. clients_free(NULL) is legal; every client is gone by then,
 * which is after clients_end and loop_free.
 */
struct clients *clients_new(const struct clients_spec *spec);
void clients_free(struct clients *all);

/* Serve who is connected on fd, which is theirs then. 0, or -1 with errno. */
int clients_add(struct clients *all, int fd, const struct addr *address);

/* Answer the search that has been carried out, if there is one. */
void clients_found(struct clients *all);

/* Close every connection. */
void clients_end(struct clients *all);

#endif
