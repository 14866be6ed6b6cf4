#ifndef NAP_RATES_H
#define NAP_RATES_H

#include <stdint.h>

struct addr;

/*
 * How fast each address may go on. What it does is not refused: it is noted,
 * and who has done too much waits until that is made up for. All connections of
 * an address wait for the same debt, one that comes anew as well. What shares a
 * network counts as one address, as in crowd. Any thread may call.
 */
struct rates;

enum rates_kind {
	RATES_FIND,
	RATES_ADD,
	RATES_TURN, /* microseconds of work: nobody waits for these */
	RATES_KINDS
};

struct rates_spec {
	uint64_t each_second[RATES_KINDS]; /* 0: as many as it likes */
	int64_t burst_ms; /* so much of it may be done at once */
};

/*
 * It remembers RATES_HOSTS addresses and more; when there are others, who owes
 * least is forgotten. NULL with errno; rates_free(NULL) is legal.
 */
struct rates *rates_new(const struct rates_spec *spec);
void rates_free(struct rates *r);

/* From now on so many of each; of what changes, nobody owes any longer. */
void rates_change(struct rates *r, const uint64_t each_second[RATES_KINDS]);

#define RATES_HOSTS 16384

#define RATES_OWED_MOST 10000

/*
 * The address has done so many of that kind; now is in milliseconds and never
 * runs backwards. Returns in how many milliseconds it may go on with that, 0 for
 * at once.
 */
int64_t rates_take(struct rates *r, const struct addr *who,
    enum rates_kind kind, uint64_t count, int64_t now);

/*
 * In how many milliseconds it will have made up for its turns, RATES_OWED_MOST
 * at most: who owes less comes first.
 */
int64_t rates_owed(struct rates *r, const struct addr *who, int64_t now);

/* In how many milliseconds it may go on, whatever it was that it has done. */
int64_t rates_wait(struct rates *r, const struct addr *who, int64_t now);

#endif
