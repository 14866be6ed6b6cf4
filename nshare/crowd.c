#include "crowd.h"

#include <stdlib.h>

#include "lib/addr.h"

struct crowd_host {
	struct addr at;
	size_t count;
};

void
crowd_init(struct crowd *crowd, size_t max, size_t max_each)
{
	*crowd = (struct crowd){.max = max, .max_each = max_each};
	pthread_mutex_init(&crowd->lock, NULL);
}

void
crowd_free(struct crowd *crowd)
{
	pthread_mutex_destroy(&crowd->lock);
	free(crowd->hosts);
}

static struct crowd_host *
find(struct crowd *crowd, const struct addr *peer)
{
	for (size_t i = 0; i < crowd->host_count; i++)
		if (addr_same_host(&crowd->hosts[i].at, peer))
			return &crowd->hosts[i];
	return NULL;
}

static struct crowd_host *
add(struct crowd *crowd, const struct addr *peer)
{
	struct crowd_host *host;

	if (crowd->host_count == crowd->host_room) {
		size_t room = crowd->host_room ? 2 * crowd->host_room : 16;

		host = realloc(crowd->hosts, room * sizeof *host);
		if (host == NULL)
			return NULL;
		crowd->hosts = host;
		crowd->host_room = room;
	}
	host = &crowd->hosts[crowd->host_count++];
	*host = (struct crowd_host){.at = *peer};
	return host;
}

static bool
enter(struct crowd *crowd, const struct addr *peer)
{
	struct crowd_host *host;

	if (crowd->count >= crowd->max)
		return false;
	host = find(crowd, peer);
	if (host == NULL)
		host = add(crowd, peer);
	if (host == NULL)
		return false;
	if (host->count >= crowd->max_each && !addr_is_loopback(peer))
		return false;
	host->count++;
	crowd->count++;
	return true;
}

bool
crowd_enter(struct crowd *crowd, const struct addr *peer)
{
	bool entered;

	pthread_mutex_lock(&crowd->lock);
	entered = enter(crowd, peer);
	pthread_mutex_unlock(&crowd->lock);
	return entered;
}

void
crowd_leave(struct crowd *crowd, const struct addr *peer)
{
	struct crowd_host *host;

	pthread_mutex_lock(&crowd->lock);
	host = find(crowd, peer);
	if (host != NULL && --host->count == 0)
		*host = crowd->hosts[--crowd->host_count];
	crowd->count--;
	pthread_mutex_unlock(&crowd->lock);
}
