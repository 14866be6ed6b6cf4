#ifndef NAP_CONFINE_H
#define NAP_CONFINE_H

struct share_options;

/*
 * Become the user that the options name, and keep what sharing needs from now
 * on: reading what is below root, the file of the digests, and looking up
 * indexes that have names. Before the tree is scanned and threads start; the
 * sockets that files are served on stand already. 0, or -1 after saying why.
 */
int confine(const struct share_options *o, int root);

#endif
