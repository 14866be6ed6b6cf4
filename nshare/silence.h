#ifndef NAP_SILENCE_H
#define NAP_SILENCE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * How long an index is waited for, and when it is asked whether it lives
 * (naputils(7), Silence). Times are milliseconds of a clock that never goes
 * back.
 */

struct silence_times {
	int64_t ping_ms; /* without a word, until it is asked */
	int64_t answer_ms; /* that it then has */
	int64_t hello_ms; /* for its answer to HELLO; the seed's, to SEARCH */
	int64_t sync_ms; /* for that to SYNC */
};

#define SILENCE_TIMES                                                    \
	{                                                                \
		.ping_ms = 15000, .answer_ms = 30000, .hello_ms = 15000, \
		.sync_ms = 300000                                        \
	}

/* What is waited for. */
enum silence_awaits {
	SILENCE_AWAITS_NOTHING,
	SILENCE_AWAITS_HELLO, /* that answer, whatever else comes */
	SILENCE_AWAITS_SYNC, /* likewise */
	SILENCE_AWAITS_SEARCH, /* while it takes what it is told, longer */
	SILENCE_AWAITS_LIFE /* any word */
};

/* Begins zeroed but for the times; the rest is silence.c's. */
struct silence {
	struct silence_times times;
	enum silence_awaits awaits;
	int64_t since; /* when it was asked, or else last counted as alive */
	bool asked;
};

/* This is what is waited for at now; the same again changes nothing. */
void silence_await(struct silence *s, enum silence_awaits what, int64_t now);

/* It has said, or taken, something. */
void silence_heard(struct silence *s, int64_t now);

enum silence_act {
	SILENCE_WAIT,
	SILENCE_ASK, /* by PING; told once */
	SILENCE_GIVE_UP
};

/* What is to be done at now, however late that is. */
enum silence_act silence_act(struct silence *s, int64_t now);

/* Milliseconds, at least 1, until there may be something to do; 0: never. */
int64_t silence_left(const struct silence *s, int64_t now);

#endif
