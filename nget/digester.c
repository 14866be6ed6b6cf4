#include "digester.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/loop.h"

/* Less than this waits for more to come, and is done at once in the end. */
#define LAG ((uint64_t)1024 * 1024)

/* A turn at one file, after which others have theirs. */
#define TURN ((uint64_t)4 * 1024 * 1024)

/* What a thread reads at once, and what the loop's does. */
#define PIECE ((size_t)256 * 1024)
#define SMALL_PIECE ((size_t)64 * 1024)

#define MOST_WORKERS 4

struct worker {
	struct digesters *pool;
	pthread_t thread;
	char bytes[PIECE];
};

struct digesters {
	struct loop *loop;
	struct loop_task task;
	bool deferred;
	struct worker *workers[MOST_WORKERS];
	size_t count;
	size_t most;
	pthread_mutex_t lock; /* of all that follows, and of digesters */
	pthread_cond_t work; /* something is in the queue, or it is over */
	pthread_cond_t left; /* a worker left what it was to leave */
	struct digester *queue;
	struct digester *finished;
	size_t queued;
	size_t idle; /* workers */
	bool over;
};

static void
append(struct digester **list, struct digester *d)
{
	while (*list)
		list = &(*list)->next;
	d->next = NULL;
	*list = d;
}

static bool
drop(struct digester **list, struct digester *d)
{
	while (*list && *list != d)
		list = &(*list)->next;
	if (!*list)
		return false;
	*list = d->next;
	return true;
}

static struct digester *
take_first(struct digester **list)
{
	struct digester *d = *list;

	if (d)
		*list = d->next;
	return d;
}

static void
enqueue(struct digesters *p, struct digester *d)
{
	append(&p->queue, d);
	d->queued = true;
	p->queued++;
	pthread_cond_signal(&p->work);
}

static struct digester *
dequeue(struct digesters *p)
{
	struct digester *d = take_first(&p->queue);

	if (!d)
		return NULL;
	d->queued = false;
	p->queued--;
	return d;
}

static uint64_t
left_of(const struct digester *d)
{
	return d->end > d->at ? d->end - d->at : 0;
}

/* Hash up to len bytes more. */
static void
take_piece(struct digester *d, char *bytes, size_t len)
{
	ssize_t n;

	do {
		n = pread(d->fd, bytes, len, (off_t)d->at);
	} while (n < 0 && errno == EINTR);
	if (n <= 0) {
		d->error = n < 0 ? errno : EIO;
		return;
	}
	sha256_add(&d->hash, bytes, (size_t)n);
	d->at += (uint64_t)n;
}

/* What is next: 0 when that is nothing. */
static size_t
next_piece(const struct digester *d, size_t size)
{
	uint64_t left = left_of(d);

	if (d->leaving || d->error)
		return 0;
	return left < size ? (size_t)left : size;
}

/* After a turn. */
static void
put_back(struct digesters *p, struct digester *d)
{
	if (d->leaving) {
		pthread_cond_signal(&p->left);
	} else if (d->finishing && (d->error || left_of(d) == 0)) {
		append(&p->finished, d);
		loop_wake(p->loop);
	} else if (!d->error && (d->finishing || left_of(d) >= LAG)) {
		enqueue(p, d);
	}
}

/* The lock is held before and after, but not while there is work. */
static void
take_turn(struct digesters *p, struct digester *d, char *bytes, size_t size)
{
	size_t len;

	d->working = true;
	for (uint64_t n = 0; n < TURN; n += size) {
		len = next_piece(d, size);
		if (len == 0)
			break;
		pthread_mutex_unlock(&p->lock);
		take_piece(d, bytes, len);
		pthread_mutex_lock(&p->lock);
	}
	d->working = false;
	put_back(p, d);
}

static void
wait_for_work(struct digesters *p)
{
	p->idle++;
	while (!p->over && !p->queue)
		pthread_cond_wait(&p->work, &p->lock);
	p->idle--;
}

static void *
run(void *worker)
{
	struct worker *w = worker;
	struct digesters *p = w->pool;
	struct digester *d;

	pthread_mutex_lock(&p->lock);
	while (!p->over) {
		d = dequeue(p);
		if (d)
			take_turn(p, d, w->bytes, sizeof w->bytes);
		else
			wait_for_work(p);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

/* A thread that leaves signals to the others. 0, or an errno. */
static int
start(struct worker *w)
{
	sigset_t all, old;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	error = pthread_create(&w->thread, NULL, run, w);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return error;
}

static void
add_worker(struct digesters *p)
{
	struct worker *w = malloc(sizeof *w);

	if (!w)
		return;
	w->pool = p;
	if (start(w)) {
		free(w);
		return;
	}
	p->workers[p->count++] = w;
}

static void
defer(struct digesters *p)
{
	if (p->deferred)
		return;
	p->deferred = true;
	loop_defer(p->loop, &p->task);
}

/* With the lock held, in the loop's thread, which does it if it must. */
static void
have_worked_at(struct digesters *p, struct digester *d)
{
	enqueue(p, d);
	if (p->queued > p->idle && p->count < p->most)
		add_worker(p);
	if (p->count == 0)
		defer(p);
}

/* A turn in the loop's thread where there is no other. */
static void
work_alone(struct digesters *p)
{
	char bytes[SMALL_PIECE];
	struct digester *d = dequeue(p);

	if (d)
		take_turn(p, d, bytes, sizeof bytes);
}

static void
destroy(struct digesters *p)
{
	pthread_cond_destroy(&p->left);
	pthread_cond_destroy(&p->work);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

/* One a task: the pool may be gone after done. */
static void
on_task(struct loop_task *task)
{
	struct digesters *p = LOOP_OWNER(task, struct digesters, task);
	struct digester *d;

	p->deferred = false;
	if (p->over) {
		destroy(p);
		return;
	}
	pthread_mutex_lock(&p->lock);
	if (p->count == 0)
		work_alone(p);
	d = take_first(&p->finished);
	if (p->finished || (p->queue && p->count == 0))
		defer(p);
	pthread_mutex_unlock(&p->lock);
	if (d)
		d->done(d->owner, d->error);
}

static void
on_wake(void *pool)
{
	defer(pool);
}

static size_t
count_processors(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	if (n < 1)
		return 1;
	return n < MOST_WORKERS ? (size_t)n : MOST_WORKERS;
}

struct digesters *
digesters_new(struct loop *loop)
{
	struct digesters *p = calloc(1, sizeof *p);

	if (!p)
		return NULL;
	p->loop = loop;
	p->task.run = on_task;
	p->most = count_processors();
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->work, NULL);
	pthread_cond_init(&p->left, NULL);
	loop_on_wake(loop, on_wake, p);
	return p;
}

void
digesters_free(struct digesters *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->over = true;
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
	for (size_t i = 0; i < p->count; i++) {
		pthread_join(p->workers[i]->thread, NULL);
		free(p->workers[i]);
	}
	loop_on_wake(p->loop, NULL, NULL);
	if (!p->deferred)
		destroy(p);
}

void
digester_start(struct digester *d, struct digesters *pool, int fd)
{
	*d = (struct digester){.pool = pool, .fd = fd};
	sha256_init(&d->hash);
}

void
digester_advance(struct digester *d, uint64_t end)
{
	struct digesters *p = d->pool;

	pthread_mutex_lock(&p->lock);
	if (end > d->end)
		d->end = end;
	if (!d->queued && !d->working && !d->error && left_of(d) >= LAG)
		have_worked_at(p, d);
	pthread_mutex_unlock(&p->lock);
}

/* Nobody else is at it. */
static void
finish_here(struct digester *d)
{
	char bytes[SMALL_PIECE];
	size_t len;

	while ((len = next_piece(d, sizeof bytes)) > 0)
		take_piece(d, bytes, len);
	pthread_mutex_lock(&d->pool->lock);
	append(&d->pool->finished, d);
	pthread_mutex_unlock(&d->pool->lock);
	defer(d->pool);
}

void
digester_finish(struct digester *d, uint64_t end,
    void (*done)(void *owner, int error), void *owner)
{
	struct digesters *p = d->pool;
	bool busy;

	pthread_mutex_lock(&p->lock);
	d->end = end;
	d->finishing = true;
	d->done = done;
	d->owner = owner;
	if (!d->queued && !d->working && !d->error && left_of(d) >= LAG)
		have_worked_at(p, d);
	busy = d->queued || d->working;
	pthread_mutex_unlock(&p->lock);
	if (!busy)
		finish_here(d);
}

void
digester_result(const struct digester *d, struct digest *digest)
{
	struct sha256 hash = d->hash;

	sha256_end(&hash, digest);
}

void
digester_stop(struct digester *d)
{
	struct digesters *p = d->pool;

	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	if (drop(&p->queue, d))
		p->queued--;
	drop(&p->finished, d);
	d->leaving = true;
	while (d->working)
		pthread_cond_wait(&p->left, &p->lock);
	pthread_mutex_unlock(&p->lock);
	d->pool = NULL;
}
