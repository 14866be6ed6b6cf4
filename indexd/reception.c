#include "reception.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "handoff_letter.h"
#include "lib/addr.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/net.h"

/* Letters taken at a time, so that those who are here are served between. */
#define TURN 64

struct reception {
	struct loop_io io;
	struct loop_task end;
	struct reception_spec spec;
	uid_t owner;
	bool over;
};

/* What is wrong with who sent it, or with what he sent. NULL: nothing. */
static const char *
objection(const struct reception *r, const struct handoff_letter *letter)
{
	struct addr peer;

	if (letter->sender != r->owner && letter->sender != 0)
		return "a stranger hands something over";
	/* One that has ended is served by closing it. */
	if (net_adopt(letter->connection, &peer) < 0 && errno != ENOTCONN)
		return "what is handed over is no connection by TCP";
	return NULL;
}

static void
serve(struct reception *r, struct handoff_letter *letter)
{
	struct addr peer;

	if (net_remote(letter->connection, &peer) == 0)
		r->spec.accepted(r->spec.arg, letter->connection, &peer);
	else
		close(letter->connection);
	handoff_letter_answer(letter, HANDOFF_TAKEN);
}

static void
receive(struct reception *r, struct handoff_letter *letter)
{
	const char *wrong = objection(r, letter);

	if (!wrong) {
		serve(r, letter);
		return;
	}
	log_warnx("%s (user %lu)", wrong, (unsigned long)letter->sender);
	close(letter->connection);
	handoff_letter_answer(letter, HANDOFF_REFUSED);
}

static void
on_ready(struct loop_io *io, unsigned events)
{
	struct reception *r = LOOP_OWNER(io, struct reception, io);
	struct handoff_letter letter;

	(void)events;
	for (int i = 0; i < TURN && !r->over; i++) {
		if (handoff_letter_receive(io->fd, &letter) == 0)
			receive(r, &letter);
		else if (errno == EBADMSG)
			log_warnx("what was handed over is not understood");
		else
			return;
	}
}

static void
on_end(struct loop_task *task)
{
	free(LOOP_OWNER(task, struct reception, end));
}

struct reception *
reception_new(const struct reception_spec *spec)
{
	struct reception *r = calloc(1, sizeof *r);
	struct stat st;

	if (!r)
		return NULL;
	if (fstat(spec->socket, &st) < 0)
		goto fail;
	r->owner = st.st_uid;
	r->io = (struct loop_io){.fd = spec->socket, .ready = on_ready};
	r->end.run = on_end;
	r->spec = *spec;
	if (loop_watch(spec->loop, &r->io, LOOP_READ) < 0)
		goto fail;
	return r;
fail:
	free(r);
	return NULL;
}

void
reception_free(struct reception *r)
{
	if (!r)
		return;
	loop_watch(r->spec.loop, &r->io, 0);
	r->over = true;
	loop_defer(r->spec.loop, &r->end);
}
