#ifndef NAP_NGET_DESCRIPTOR_H
#define NAP_NGET_DESCRIPTOR_H

/*
 * Whether path is a descriptor of ours, as /dev/stdout is, /dev/fd/3 and
 * /proc/self/fd/3; links that lie elsewhere are not followed to one. Then *fd is
 * one for what is behind it, to be closed: what is written there follows what
 * has been written. Returns 1, 0 when it is none, or -1 with errno when it is
 * and cannot be had.
 */
int descriptor_open(const char *path, int *fd);

#endif
