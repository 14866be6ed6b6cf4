/*
 * churn - peers that leave and return, and how the index bears it.
 *
 *	churn PORT PID PEERS ORDER COUNT ROUNDS
 *
 * All peers register the collection; then, round after round, every other one
 * of them leaves, and once its names are gone registers them again. Meanwhile
 * an onlooker on another connection asks little things without end. Prints a
 * line a round, the registration of all being round 0: the round, the resident
 * KiB of the index, which is process PID, and in milliseconds the longest that
 * the onlooker waited for a PING, a SEARCH, a FIND, and for the processor.
 */
#include <err.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "ask.h"
#include "peers.h"
#include "tests/bench/clock.h"
#include "tests/bench/dial.h"
#include "tests/bench/number.h"

#define PEERS_MAX 10000
#define PAUSE_US 500
#define PATIENCE_NS INT64_C(60000000000)

struct task {
	uint64_t port, pid, peers, count, rounds;
	enum song_order order;
};

/* What the onlooker asks, and what else it watches. */
enum { ASK_PING, ASK_SEARCH, ASK_FIND, ASKED, WAKING = ASKED, WATCHED };

struct onlooker {
	struct asker asker;
	struct bytes search;
	_Atomic int64_t worst[WATCHED];
	atomic_bool over;
};

static void
take_arguments(struct task *t, int argc, char *argv[])
{
	if (argc != 7 || number_parse(argv[1], 1, 65535, &t->port) < 0 ||
	    number_parse(argv[2], 1, INT32_MAX, &t->pid) < 0 ||
	    number_parse(argv[3], 2, PEERS_MAX, &t->peers) < 0 ||
	    song_order(argv[4], &t->order) < 0 ||
	    number_parse(argv[5], t->peers, UINT32_MAX, &t->count) < 0 ||
	    number_parse(argv[6], 1, 1000, &t->rounds) < 0)
		errx(2, "usage: churn PORT PID PEERS ORDER COUNT ROUNDS");
}

static void
remember(struct onlooker *o, int what, int64_t ns)
{
	if (ns > atomic_load(&o->worst[what]))
		atomic_store(&o->worst[what], ns);
}

static void *
look_on(void *context)
{
	struct onlooker *o = context;
	const char *const requests[ASKED] = {
	    [ASK_PING] = "PING\n",
	    [ASK_SEARCH] = o->search.at,
	    [ASK_FIND] = "FIND limit=100 -- " SONG_RARE "\n",
	};

	while (!atomic_load(&o->over))
		for (int i = 0; i < ASKED; i++) {
			int64_t start;

			remember(o, i, ask(&o->asker, requests[i]).ns);
			start = clock_ns();
			clock_sleep_us(PAUSE_US);
			remember(o, WAKING,
			    clock_ns() - start - PAUSE_US * INT64_C(1000));
		}
	return NULL;
}

static void
onlooker_prepare(struct onlooker *o, const struct task *t)
{
	char name[SONG_BYTES];
	size_t len = song_name(t->order, 0, t->count, name);

	*o = (struct onlooker){.over = false};
	asker_open(&o->asker, (uint16_t)t->port);
	bytes_put_text(&o->search, "SEARCH ");
	bytes_put(&o->search, name, len);
	bytes_put(&o->search, "\n", 2); /* and its NUL */
}

static long
resident_kib(uint64_t pid)
{
	char path[64], line[256];
	long kib = -1;
	FILE *status;

	snprintf(
	    path, sizeof path, "/proc/%llu/status", (unsigned long long)pid);
	status = fopen(path, "r");
	if (!status)
		err(1, "%s", path);
	while (kib < 0 && fgets(line, sizeof line, status))
		if (sscanf(line, "VmRSS: %ld", &kib) != 1)
			kib = -1;
	fclose(status);
	return kib;
}

/* Until STAT says of key that it is most at most, or does not know it. */
static void
await(struct asker *a, const char *key, uint64_t most)
{
	int64_t deadline = clock_ns() + PATIENCE_NS;
	uint64_t value;

	while (ask_stat(a, key, &value) && value > most) {
		if (clock_ns() > deadline)
			errx(1, "%s stay above %llu", key,
			    (unsigned long long)most);
		clock_sleep_us(1000);
	}
}

static void
report(struct onlooker *o, const struct task *t, uint64_t round)
{
	printf("%llu %ld", (unsigned long long)round, resident_kib(t->pid));
	for (int i = 0; i < WATCHED; i++)
		printf(" %.3f", clock_ms_of(atomic_exchange(&o->worst[i], 0)));
	printf("\n");
	fflush(stdout);
}

static struct peers *
prepare(const struct task *t, struct payload *payloads)
{
	struct peers *peers = peers_new(WIRE_NAP2, (uint16_t)t->port, t->peers);

	for (size_t n = 0; n < t->peers; n++) {
		struct range part = range_part(t->order, t->count, n, t->peers);

		payloads[n] = payload_make(WIRE_NAP2, &part, peers_port(n));
		peers_give(peers, n, &payloads[n]);
		peers_join(peers, n);
	}
	return peers;
}

/* In odd rounds those with an odd number leave, and in even rounds the rest. */
static void
leave_and_return(struct peers *peers, const struct task *t,
    const struct payload *payloads, struct asker *stat, uint64_t round)
{
	uint64_t left = 0;

	ask_stat(stat, "listings", &left);
	for (size_t n = round % 2; n < t->peers; n += 2) {
		peers_leave(peers, n);
		left -= payloads[n].names;
	}
	await(stat, "listings", left);
	for (size_t n = round % 2; n < t->peers; n += 2)
		peers_join(peers, n);
	peers_register(peers, 0);
}

int
main(int argc, char *argv[])
{
	static struct payload payloads[PEERS_MAX];
	struct onlooker onlooker;
	struct peers *peers;
	struct asker stat;
	struct task task;
	pthread_t thread;

	take_arguments(&task, argc, argv);
	dial_raise_descriptors();
	peers = prepare(&task, payloads);
	asker_open(&stat, (uint16_t)task.port);
	onlooker_prepare(&onlooker, &task);
	if (pthread_create(&thread, NULL, look_on, &onlooker) != 0)
		errx(1, "no thread");
	peers_register(peers, 0);
	for (uint64_t round = 0; round <= task.rounds; round++) {
		if (round > 0)
			leave_and_return(peers, &task, payloads, &stat, round);
		await(&stat, "pending", 0);
		report(&onlooker, &task, round);
	}
	atomic_store(&onlooker.over, true);
	pthread_join(thread, NULL);
	asker_close(&onlooker.asker);
	asker_close(&stat);
	bytes_free(&onlooker.search);
	peers_free(peers);
	for (size_t n = 0; n < task.peers; n++)
		bytes_free(&payloads[n].bytes);
	return 0;
}
