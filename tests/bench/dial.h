#ifndef NAP_BENCH_DIAL_H
#define NAP_BENCH_DIAL_H

#include <stddef.h>
#include <stdint.h>

/*
 * Connect over loopback to a port, with TCP_NODELAY, blocking. The source
 * address is 127.0.0.1 for the first some ten thousands, and so on: one has not
 * ports for more. Ends the program when it cannot be done.
 */
int dial(uint16_t port, size_t nth);

/* Send all of it on a blocking connection; ends the program when it fails. */
void dial_send(int fd, const char *bytes, size_t len);

/* Take as many descriptors as this user may have. Returns their number. */
size_t dial_raise_descriptors(void);

#endif
