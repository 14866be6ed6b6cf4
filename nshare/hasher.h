#ifndef NAP_HASHER_H
#define NAP_HASHER_H

struct catalogue;
struct hasher;
struct hashes;
struct slots;

/* All is kept by reference, and outlives the hasher. */
struct hasher_spec {
	int root; /* the directory that is shared */
	struct catalogue *files;
	struct hashes *hashes;
	const struct slots *slots; /* while transfers run, it holds back */
	void (*learned)(
	    void *arg); /* from its thread: the catalogue has news */
	void *arg;
};

/*
 * A thread of the lowest priority that finds the digest of every file, one
 * after the other: in hashes, or by reading it. A file that changes meanwhile
 * is read again. NULL with errno.
 */
struct hasher *hasher_new(const struct hasher_spec *spec);

/*
 * From any thread: others have been told of the files there are, or of more, so
 * that it may begin, or look for more. It begins after a while even when nobody
 * says so.
 */
void hasher_wake(struct hasher *h);

/*
 * End the thread, in the middle of a file if need be. It may be woken still, to
 * no effect, until it is freed, which stops it as well. NULL is legal for both.
 */
void hasher_stop(struct hasher *h);
void hasher_free(struct hasher *h);

#endif
