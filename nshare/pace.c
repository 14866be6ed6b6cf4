#include "pace.h"

#define PIECE_MIN_BYTES 512
#define PIECE_MAX_BYTES 262144
#define PIECES_A_SECOND 8

#define NS_A_MS 1000000
#define NS_A_SECOND 1e9

void
pace_init(struct pace *pace, uint64_t rate)
{
	*pace = (struct pace){.rate = rate};
	pthread_mutex_init(&pace->lock, NULL);
}

void
pace_free(struct pace *pace)
{
	pthread_mutex_destroy(&pace->lock);
}

uint64_t
pace_piece(const struct pace *pace, uint64_t want)
{
	uint64_t piece = pace->rate / PIECES_A_SECOND;

	if (pace->rate == 0)
		return want;
	if (piece < PIECE_MIN_BYTES)
		piece = PIECE_MIN_BYTES;
	if (piece > PIECE_MAX_BYTES)
		piece = PIECE_MAX_BYTES;
	return piece < want ? piece : want;
}

int64_t
pace_reserve(struct pace *pace, uint64_t bytes, int64_t now_ms)
{
	int64_t now = now_ms * NS_A_MS, start;

	if (pace->rate == 0)
		return 0;
	pthread_mutex_lock(&pace->lock);
	start = pace->free_ns > now ? pace->free_ns : now;
	pace->free_ns = start +
	    (int64_t)((double)bytes / (double)pace->rate * NS_A_SECOND);
	pthread_mutex_unlock(&pace->lock);
	return (start - now + NS_A_MS - 1) / NS_A_MS;
}
