#include "pace.h"

#define PIECE_MIN_BYTES 512
#define PIECE_MAX_BYTES 262144
#define PIECES_A_SECOND 8

/* Who waits asks again a little late, which is no loss to the rate. */
#define LATE_NS 20000000

/* Who is next and does not come for so long is passed. */
#define OVERDUE_NS 2000000

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

static void
line_up(struct pace *pace, struct pace_turn *turn)
{
	*turn = (struct pace_turn){
	    .pace = pace, .before = pace->last, .number = pace->next++};
	*(turn->before ? &turn->before->after : &pace->first) = turn;
	pace->last = turn;
}

static void
step_out(struct pace_turn *turn)
{
	struct pace *pace = turn->pace;

	*(turn->before ? &turn->before->after : &pace->first) = turn->after;
	*(turn->after ? &turn->after->before : &pace->last) = turn->before;
	turn->pace = NULL;
}

/* Time in which nobody wanted to send is not saved. */
static void
forget_idle_time(struct pace *pace, int64_t now)
{
	int64_t earliest = pace->first ? now - LATE_NS : now;

	if (pace->free_ns < earliest)
		pace->free_ns = earliest;
}

static int64_t
cost_ns(const struct pace *pace, uint64_t bytes)
{
	return (int64_t)((double)bytes / (double)pace->rate * NS_A_SECOND);
}

/* What those ahead take, at most: some may have left, or want less. */
static int64_t
nap_ns(const struct pace *pace, const struct pace_turn *turn, int64_t cost,
    int64_t now)
{
	const int64_t longest = (int64_t)PACE_NAP_MS * NS_A_MS;
	uint64_t ahead = turn->number - pace->first->number;
	double nap = (double)ahead * (double)cost;

	if (ahead == 0 || now - pace->free_ns > OVERDUE_NS)
		return 0;
	if (nap < NS_A_MS)
		return NS_A_MS;
	return nap < (double)longest ? (int64_t)nap : longest;
}

int64_t
pace_take(
    struct pace *pace, struct pace_turn *turn, uint64_t bytes, int64_t now_ms)
{
	int64_t now = now_ms * NS_A_MS, cost, wait;

	if (pace->rate == 0)
		return 0;
	cost = cost_ns(pace, bytes);
	pthread_mutex_lock(&pace->lock);
	forget_idle_time(pace, now);
	if (!turn->pace)
		line_up(pace, turn);
	wait = nap_ns(pace, turn, cost, now);
	if (pace->free_ns > now)
		wait += pace->free_ns - now;
	if (wait == 0) {
		step_out(turn);
		pace->free_ns += cost;
	}
	pthread_mutex_unlock(&pace->lock);
	return (wait + NS_A_MS - 1) / NS_A_MS;
}

void
pace_leave(struct pace_turn *turn)
{
	struct pace *pace = turn->pace;

	if (!pace)
		return;
	pthread_mutex_lock(&pace->lock);
	step_out(turn);
	pthread_mutex_unlock(&pace->lock);
}
