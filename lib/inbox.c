#include "inbox.h"

#include <stdlib.h>
#include <unistd.h>

void
inbox_init(struct inbox *in)
{
	*in = (struct inbox){.count = 0};
	pthread_mutex_init(&in->lock, NULL);
}

void
inbox_free(struct inbox *in)
{
	struct arrival arrival;

	while (inbox_take(in, &arrival))
		close(arrival.fd);
	free(in->list);
	pthread_mutex_destroy(&in->lock);
}

static int
put(struct inbox *in, const struct arrival *arrival)
{
	size_t room = in->room ? 2 * in->room : 16;
	struct arrival *list;

	if (in->count == in->room) {
		list = reallocarray(in->list, room, sizeof *list);
		if (!list)
			return -1;
		in->list = list;
		in->room = room;
	}
	in->list[in->count++] = *arrival;
	return 0;
}

int
inbox_put(struct inbox *in, const struct arrival *arrival)
{
	int result;

	pthread_mutex_lock(&in->lock);
	result = put(in, arrival);
	pthread_mutex_unlock(&in->lock);
	return result;
}

bool
inbox_take(struct inbox *in, struct arrival *arrival)
{
	bool any;

	pthread_mutex_lock(&in->lock);
	any = in->count > 0;
	if (any)
		*arrival = in->list[--in->count];
	pthread_mutex_unlock(&in->lock);
	return any;
}
