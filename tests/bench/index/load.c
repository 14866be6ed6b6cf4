/*
 * load - register a collection of names from many peers at once.
 *
 *	load [-r RATE] WIRE PORT PEERS ORDER COUNT
 *
 * WIRE is nap2, seed or redis. What the peers will say is made and they are
 * connected before the clock starts; then "load: started" is printed, and when
 * all has been answered "load: done SECONDS NAMES-PER-SECOND CPU-SECONDS", the
 * last of them spent by this program. The peers stay until standard input ends.
 * With -r no more than RATE names a second are sent.
 */
#include <err.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "peers.h"
#include "tests/bench/dial.h"
#include "tests/bench/number.h"

#define PEERS_MAX 10000

struct task {
	enum wire wire;
	uint64_t port, peers, count, rate;
	enum song_order order;
};

static _Noreturn void
usage(void)
{
	errx(2, "usage: load [-r RATE] nap2|seed|redis PORT PEERS ORDER COUNT");
}

static void
take_arguments(struct task *t, int argc, char *argv[])
{
	int option;

	*t = (struct task){.rate = 0};
	while ((option = getopt(argc, argv, "r:")) != -1)
		if (option != 'r' ||
		    number_parse(optarg, 1, UINT32_MAX, &t->rate) < 0)
			usage();
	argv += optind;
	if (argc - optind != 5 || wire_parse(argv[0], &t->wire) < 0 ||
	    number_parse(argv[1], 1, 65535, &t->port) < 0 ||
	    number_parse(argv[2], 1, PEERS_MAX, &t->peers) < 0 ||
	    song_order(argv[3], &t->order) < 0 ||
	    number_parse(argv[4], t->peers, UINT32_MAX, &t->count) < 0)
		usage();
}

static double
cpu_seconds(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	    (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void
prepare(const struct task *t, struct peers *peers, struct payload *payloads)
{
	for (size_t n = 0; n < t->peers; n++) {
		struct range part = range_part(t->order, t->count, n, t->peers);

		payloads[n] = payload_make(t->wire, &part, peers_port(n));
		peers_give(peers, n, &payloads[n]);
	}
	for (size_t n = 0; n < t->peers; n++)
		peers_join(peers, n);
}

static void
run(const struct task *t, struct peers *peers)
{
	double cpu = cpu_seconds(), seconds;

	printf("load: started\n");
	fflush(stdout);
	seconds = (double)peers_register(peers, t->rate) / 1e9;
	printf("load: done %.4f %.0f %.4f\n", seconds,
	    (double)t->count / seconds, cpu_seconds() - cpu);
	fflush(stdout);
}

int
main(int argc, char *argv[])
{
	static struct payload payloads[PEERS_MAX];
	struct peers *peers;
	struct task task;

	take_arguments(&task, argc, argv);
	dial_raise_descriptors();
	peers = peers_new(task.wire, (uint16_t)task.port, task.peers);
	prepare(&task, peers, payloads);
	run(&task, peers);
	for (size_t n = 0; n < task.peers; n++)
		bytes_free(&payloads[n].bytes);
	peers_stay(peers);
	peers_free(peers);
	return 0;
}
