#ifndef NAP_NGET_DESCRIPTOR_H
#define NAP_NGET_DESCRIPTOR_H

/*
 * Whether path, perhaps by symbolic links, leads to a descriptor of a process,
 * as /dev/stdout does. Then *fd is one for what is behind it, to be closed:
 * what is written there follows what has been written. Returns 1, 0 when it
 * leads to none, or -1 with errno when it does and cannot be had.
 */
int descriptor_open(const char *path, int *fd);

#endif
