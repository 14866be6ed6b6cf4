#ifndef NAP_NGET_CONTEXT_H
#define NAP_NGET_CONTEXT_H

struct digesters;
struct loop;
struct progress;
struct rate;
struct settings;
struct target;
struct turns;

/* What all transfers of a run have in common. */
struct context {
	struct loop *loop;
	const struct settings *settings;
	const struct target *target;
	struct progress *progress; /* NULL: none is shown */
	struct rate *rate;
	struct digesters *digesters;
	struct turns *turns; /* at the names of files */
};

#endif
