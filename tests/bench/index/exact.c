/*
 * exact - ask for names that are there, and count the answers in a second.
 *
 *	exact WIRE PORT ORDER COUNT CONNECTIONS DEPTH REQUESTS
 *
 * WIRE is nap2 (SEARCH) or redis (SMEMBERS). Names are drawn by lot from the
 * collection that load registers. Each connection sends DEPTH requests at once
 * and then awaits their answers; none may be empty. Prints the answers in a
 * second.
 */
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "payload.h"
#include "tests/bench/clock.h"
#include "tests/bench/dial.h"
#include "tests/bench/number.h"

#define CONNECTIONS_MAX 64
#define DEPTH_MAX 1024
#define READ_BYTES 65536

struct task {
	enum wire wire;
	uint64_t port, count, connections, depth, requests;
	enum song_order order;
};

/* One connection. Its lines: of the present answer. */
struct client {
	int fd;
	uint64_t awaited; /* answers */
	uint64_t lines; /* that came (nap2), that are to come (redis) */
	size_t len;
	char text[READ_BYTES];
};

struct contest {
	const struct task *task;
	struct bytes requests; /* one after the other */
	size_t *ends; /* of each batch */
	size_t batches;
	size_t next;
	uint64_t answers;
	struct client *clients;
	struct pollfd *wait;
};

static void
take_arguments(struct task *t, int argc, char *argv[])
{
	if (argc != 8 || wire_parse(argv[1], &t->wire) < 0 ||
	    t->wire == WIRE_SEED ||
	    number_parse(argv[2], 1, 65535, &t->port) < 0 ||
	    song_order(argv[3], &t->order) < 0 ||
	    number_parse(argv[4], 1, UINT32_MAX, &t->count) < 0 ||
	    number_parse(argv[5], 1, CONNECTIONS_MAX, &t->connections) < 0 ||
	    number_parse(argv[6], 1, DEPTH_MAX, &t->depth) < 0 ||
	    number_parse(argv[7], t->depth, UINT32_MAX, &t->requests) < 0)
		errx(2,
		    "usage: exact nap2|redis PORT ORDER COUNT CONNECTIONS "
		    "DEPTH REQUESTS");
}

static uint64_t
draw(uint64_t *lot)
{
	*lot ^= *lot << 13;
	*lot ^= *lot >> 7;
	*lot ^= *lot << 17;
	return *lot;
}

static void
put_request(struct bytes *b, enum wire wire, const char *name, size_t len)
{
	if (wire == WIRE_REDIS)
		bytes_printf(b, "*2\r\n$8\r\nSMEMBERS\r\n$%zu\r\n", len);
	else
		bytes_put_text(b, "SEARCH ");
	bytes_put(b, name, len);
	bytes_put_text(b, wire == WIRE_REDIS ? "\r\n" : "\n");
}

/* Batches of DEPTH requests each. */
static void
prepare(struct contest *c, const struct task *t)
{
	char name[SONG_BYTES];
	uint64_t lot = 20001;

	*c = (struct contest){.task = t, .batches = t->requests / t->depth};
	c->ends = calloc(c->batches, sizeof *c->ends);
	c->clients = calloc(t->connections, sizeof *c->clients);
	c->wait = calloc(t->connections, sizeof *c->wait);
	if (!c->ends || !c->clients || !c->wait)
		err(1, NULL);
	for (size_t i = 0; i < c->batches * t->depth; i++) {
		uint64_t place = draw(&lot) % t->count;
		size_t len = song_name(t->order, place, t->count, name);

		put_request(&c->requests, t->wire, name, len);
		c->ends[i / t->depth] = c->requests.len;
	}
	for (size_t i = 0; i < t->connections; i++) {
		c->clients[i].fd = dial((uint16_t)t->port, 0);
		c->wait[i].fd = c->clients[i].fd;
	}
}

/* Send the next batch; without one there is nothing more to wait for. */
static void
send_batch(struct contest *c, size_t i)
{
	size_t start = c->next > 0 ? c->ends[c->next - 1] : 0;

	if (c->next == c->batches) {
		c->wait[i].events = 0;
		return;
	}
	c->clients[i].awaited = c->task->depth;
	c->wait[i].events = POLLIN;
	dial_send(
	    c->clients[i].fd, c->requests.at + start, c->ends[c->next] - start);
	c->next++;
}

static void
answered(struct client *client)
{
	if (client->awaited == 0)
		errx(1, "there were more answers than requests");
	client->awaited--;
}

/* ip:port lines, and END. */
static void
nap2_line(struct client *client, const char *line, size_t len)
{
	if (len != 3 || memcmp(line, "END", 3) != 0) {
		client->lines++;
		return;
	}
	if (client->lines == 0)
		errx(1, "the index does not know a name");
	client->lines = 0;
	answered(client);
}

/* "*<members>", and two lines for each. */
static void
redis_line(struct client *client, const char *line, size_t len)
{
	if (client->lines > 0) {
		if (--client->lines == 0)
			answered(client);
		return;
	}
	if (len < 2 || *line != '*' || line[1] == '0')
		errx(1, "redis-server does not know a name");
	client->lines = 2 * strtoull(line + 1, NULL, 10);
}

static void
take_lines(struct contest *c, struct client *client)
{
	char *line = client->text, *end;
	size_t left = client->len;

	while ((end = memchr(line, '\n', left))) {
		if (c->task->wire == WIRE_REDIS)
			redis_line(client, line, (size_t)(end - line));
		else
			nap2_line(client, line, (size_t)(end - line));
		left -= (size_t)(end + 1 - line);
		line = end + 1;
	}
	memmove(client->text, line, left);
	client->len = left;
}

static void
receive(struct contest *c, size_t i)
{
	struct client *client = &c->clients[i];
	ssize_t n;

	n = recv(client->fd, client->text + client->len,
	    READ_BYTES - client->len, 0);
	if (n < 0 && errno == EINTR)
		return;
	if (n <= 0)
		errx(1, "the other side hung up");
	client->len += (size_t)n;
	take_lines(c, client);
	if (client->awaited > 0)
		return;
	c->answers += c->task->depth;
	send_batch(c, i);
}

/* A single connection just waits for its bytes. */
static void
run(struct contest *c)
{
	size_t connections = c->task->connections;

	for (size_t i = 0; i < connections; i++)
		send_batch(c, i);
	while (c->answers < c->batches * c->task->depth) {
		if (connections == 1) {
			receive(c, 0);
			continue;
		}
		poll(c->wait, connections, -1);
		for (size_t i = 0; i < connections; i++)
			if (c->wait[i].revents)
				receive(c, i);
	}
}

static void
finish(struct contest *c)
{
	for (size_t i = 0; i < c->task->connections; i++)
		close(c->clients[i].fd);
	bytes_free(&c->requests);
	free(c->ends);
	free(c->clients);
	free(c->wait);
}

int
main(int argc, char *argv[])
{
	struct contest contest;
	struct task task;
	int64_t start;

	take_arguments(&task, argc, argv);
	prepare(&contest, &task);
	start = clock_ns();
	run(&contest);
	printf("%.0f\n",
	    (double)contest.answers * 1e9 / (double)(clock_ns() - start));
	finish(&contest);
	return 0;
}
