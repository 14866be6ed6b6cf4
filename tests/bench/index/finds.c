/*
 * finds - ask an index several things in turn, and tell how long each took.
 *
 *	finds [-p MICROSECONDS] [-s SECONDS] PORT ROUNDS NAME REQUEST ...
 *
 * A request is a line such as "FIND limit=100 -- jazz", asked on one connection
 * once a round; between any two there is a pause of MICROSECONDS. No round
 * begins after SECONDS. Prints a line a request: NAME, the median and the 99th
 * percentile in milliseconds, the worst, the rows, and the matches or 0.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ask.h"
#include "bytes.h"
#include "tests/bench/clock.h"
#include "tests/bench/number.h"
#include "tests/bench/sample.h"

#define MATCHES_BYTES 32

/* One of the requests, and how it went. */
struct request {
	const char *name;
	struct bytes line;
	struct sample times;
	uint64_t rows;
	char matches[MATCHES_BYTES];
};

struct task {
	uint64_t port, rounds, seconds, pause;
	size_t count;
	struct request *requests;
};

static _Noreturn void
usage(void)
{
	errx(2,
	    "usage: finds [-p MICROSECONDS] [-s SECONDS] PORT ROUNDS "
	    "NAME REQUEST ...");
}

static void
take_requests(struct task *t, int argc, char *argv[])
{
	t->count = (size_t)argc / 2;
	t->requests = calloc(t->count, sizeof *t->requests);
	if (!t->requests)
		err(1, NULL);
	for (size_t i = 0; i < t->count; i++) {
		t->requests[i].name = argv[2 * i];
		bytes_put_text(&t->requests[i].line, argv[2 * i + 1]);
		bytes_put(&t->requests[i].line, "\n", 2); /* and its NUL */
	}
}

static void
take_arguments(struct task *t, int argc, char *argv[])
{
	int option;

	*t = (struct task){.seconds = 1000000};
	while ((option = getopt(argc, argv, "p:s:")) != -1)
		if ((option != 'p' && option != 's') ||
		    number_parse(optarg, 0, 1000000,
			option == 'p' ? &t->pause : &t->seconds) < 0)
			usage();
	argv += optind;
	argc -= optind;
	if (argc < 4 || argc % 2 != 0 ||
	    number_parse(argv[0], 1, 65535, &t->port) < 0 ||
	    number_parse(argv[1], 1, 10000000, &t->rounds) < 0)
		usage();
	take_requests(t, argc - 2, argv + 2);
}

static void
ask_once(struct asker *a, struct request *r)
{
	struct answer answer = ask(a, r->line.at);

	sample_add(&r->times, answer.ns);
	r->rows = answer.rows;
	if (sscanf(answer.last, "END %*u %31s", r->matches) != 1)
		strcpy(r->matches, "0");
}

static void
run(const struct task *t)
{
	int64_t end = clock_ns() + (int64_t)t->seconds * 1000000000;
	struct asker asker;

	asker_open(&asker, (uint16_t)t->port);
	for (uint64_t round = 0; round < t->rounds && clock_ns() < end; round++)
		for (size_t i = 0; i < t->count; i++) {
			ask_once(&asker, &t->requests[i]);
			if (t->pause > 0)
				clock_sleep_us((long)t->pause);
		}
	asker_close(&asker);
}

static void
finish(struct task *t)
{
	for (size_t i = 0; i < t->count; i++) {
		bytes_free(&t->requests[i].line);
		sample_free(&t->requests[i].times);
	}
	free(t->requests);
}

static void
report(struct request *r)
{
	printf("%s %.4f %.4f %.4f %llu %s\n", r->name,
	    clock_ms_of(sample_percentile(&r->times, 50)),
	    clock_ms_of(sample_percentile(&r->times, 99)),
	    clock_ms_of(sample_percentile(&r->times, 100)),
	    (unsigned long long)r->rows, r->matches);
}

int
main(int argc, char *argv[])
{
	struct task task;

	take_arguments(&task, argc, argv);
	run(&task);
	for (size_t i = 0; i < task.count; i++)
		report(&task.requests[i]);
	finish(&task);
	return 0;
}
