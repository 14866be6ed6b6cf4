#ifndef NAP_NGET_FETCH_H
#define NAP_NGET_FETCH_H

#include <stdbool.h>
#include <stdint.h>

#include "dial.h"
#include "lib/buf.h"
#include "lib/http_body.h"
#include "lib/locator.h"
#include "lib/loop.h"
#include "lib/slice.h"

struct conn;
struct http_response;
struct rate;

/* How an exchange ended. */
enum fetch_end {
	FETCH_DONE, /* the body is complete */
	FETCH_STOPPED, /* a callback wanted no more */
	FETCH_UNREACHED, /* no address took the connection */
	FETCH_SILENT, /* it ended before the first byte of an answer */
	FETCH_CUT, /* it ended within the answer */
	FETCH_STALLED, /* no byte came for too long */
	FETCH_MALFORMED /* no answer that can be understood */
};

struct fetch_ops {
	/* The head of the final answer; false: the body is not wanted. */
	bool (*answer)(void *owner, const struct http_response *r);
	/* The next bytes of content, at least one; false: no more of them. */
	bool (*data)(void *owner, struct slice data);
	/*
	 * It is over, told once and not before fetch_start returns; the fetch
	 * may be started again. error is 0 when the other end closed in order.
	 * why, valid during the call, says more of what went wrong.
	 */
	void (*ended)(
	    void *owner, enum fetch_end end, int error, const char *why);
};

/* What its user fills in; kept by reference until ended, ops and host too. */
struct fetch_order {
	struct loop *loop;
	struct rate *rate;
	const struct locator_host *host;
	bool seed; /* the answer is content without a head */
	int64_t timeout_ms;
	const struct fetch_ops *ops;
	void *owner;
};

/*
 * One exchange with a peer: dial each of its addresses in turn, send a request,
 * take the answer apart. It knows connections and framing, nothing of files.
 * The fields are fetch.c's.
 */
struct fetch {
	struct fetch_order order;
	struct buf request;
	struct dial dial;
	struct conn *conn;
	struct loop_timer resume; /* of reading, held up by the rate */
	struct loop_task
	    report; /* of what ended before there was a connection */
	int64_t heard_at;
	struct http_body body;
	unsigned interims;
	bool opened;
	bool heard; /* a byte of an answer */
	bool in_body;
	bool paused;
	bool over;
	enum fetch_end end;
	int error;
	const char *why; /* or what error says */
};

/* A zeroed fetch, or one that has ended, starts; the request is copied. */
void fetch_start(
    struct fetch *f, const struct fetch_order *order, struct slice request);

/* No more of it is wanted: it ends as FETCH_STOPPED, unless it is over. */
void fetch_stop(struct fetch *f);

#endif
