#include "silence.h"

void
silence_await(struct silence *s, enum silence_awaits what, int64_t now)
{
	if (s->awaits == what)
		return;
	s->awaits = what;
	s->since = now;
	s->asked = false;
}

void
silence_heard(struct silence *s, int64_t now)
{
	/* What says everything else for ever would never be given up. */
	if (s->awaits == SILENCE_AWAITS_HELLO ||
	    s->awaits == SILENCE_AWAITS_SYNC)
		return;
	s->since = now;
	s->asked = false;
}

/* How long what is waited for may take; 0 for ever. */
static int64_t
limit(const struct silence *s)
{
	switch (s->awaits) {
	case SILENCE_AWAITS_HELLO:
	case SILENCE_AWAITS_SEARCH:
		return s->times.hello_ms;
	case SILENCE_AWAITS_SYNC:
		return s->times.sync_ms;
	case SILENCE_AWAITS_LIFE:
		return s->asked ? s->times.answer_ms : s->times.ping_ms;
	default:
		return 0;
	}
}

enum silence_act
silence_act(struct silence *s, int64_t now)
{
	if (limit(s) == 0 || now - s->since < limit(s))
		return SILENCE_WAIT;
	if (s->awaits != SILENCE_AWAITS_LIFE || s->asked)
		return SILENCE_GIVE_UP;
	s->asked = true;
	s->since = now;
	return SILENCE_ASK;
}

int64_t
silence_left(const struct silence *s, int64_t now)
{
	int64_t left = s->since + limit(s) - now;

	if (limit(s) == 0)
		return 0;
	return left > 0 ? left : 1;
}
