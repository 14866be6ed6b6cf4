#include "ready.h"

#include <stdlib.h>

int
ready_init(struct ready *r, size_t count,
    void (*happened)(void *arg, const char *at), void *arg)
{
	*r = (struct ready){
	    .count = count, .missing = count, .happened = happened, .arg = arg};
	r->has = calloc(count, sizeof *r->has);
	if (!r->has)
		return -1;
	pthread_mutex_init(&r->lock, NULL);
	return 0;
}

void
ready_free(struct ready *r)
{
	if (!r->has)
		return;
	pthread_mutex_destroy(&r->lock);
	free(r->has);
	r->has = NULL;
}

static void
keep_address(struct ready *r, struct slice at)
{
	size_t len = at.len < sizeof r->at ? at.len : sizeof r->at - 1;

	memcpy(r->at, at.ptr, len);
	r->at[len] = '\0';
}

static void
tell(struct ready *r, size_t which, struct slice at)
{
	if (r->has[which] || r->over)
		return;
	r->has[which] = true;
	if (which == 0)
		keep_address(r, at);
	if (--r->missing > 0)
		return;
	r->over = true;
	r->happened(r->arg, r->at);
}

void
ready_tell(struct ready *r, size_t which, struct slice at)
{
	pthread_mutex_lock(&r->lock);
	tell(r, which, at);
	pthread_mutex_unlock(&r->lock);
}

bool
ready_give_up(struct ready *r)
{
	bool in_time;

	pthread_mutex_lock(&r->lock);
	in_time = !r->over;
	r->over = true;
	pthread_mutex_unlock(&r->lock);
	return in_time;
}
