#ifndef NAP_RELOAD_H
#define NAP_RELOAD_H

struct options;
struct server;

/*
 * Reading the configuration again while indexd runs: from the files anew, and
 * from the command line as it was, which still counts more.
 */
struct reload;

/*
 * Get ready for that, before there are threads, ports and confinement; o is
 * what indexd starts with, and stays. What fails is said; NULL is legal below.
 */
struct reload *reload_new(const struct options *o);

/*
 * Take over what can change while the server runs: limits, trusted networks and
 * how much to say; name in the log what wants a restart. What is wrong with a
 * file is named as well, and then nothing changes.
 */
void reload_now(struct reload *r, struct server *server);

/* Once the server has stopped. */
void reload_free(struct reload *r);

#endif
