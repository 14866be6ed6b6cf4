#ifndef NAP_COND_H
#define NAP_COND_H

#include <pthread.h>
#include <stdint.h>

/* Conditions whose waits end in time. */

#define COND_FOREVER INT64_MAX

/* As pthread_cond_init, for cond_wait. */
void cond_init(pthread_cond_t *cond);

/*
 * As pthread_cond_wait, which may be woken for nothing, but for no longer than
 * ms. What is left of them: 0 when the time is over, COND_FOREVER of that.
 */
int64_t cond_wait(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t ms);

#endif
