#ifndef NAP_COMMAND_VERBS_H
#define NAP_COMMAND_VERBS_H

#include "command.h"

/* What command.c and the files of its verbs share; nobody else looks inside. */

/* Say in the log what is wrong with a line, once of each client, if at all. */
void command_grumble(struct command_client *c, const char *what);

/* Refuse a line that has no answer: SYNC reports it. 0. */
int command_refuse_silently(struct command_client *c);

/*
 * The verbs: rest is what follows the name of one. They answer into out, if
 * they answer at all; 0, or -1 when it took no answer.
 */
int command_add(struct command_client *c, struct slice rest, struct buf *out);
int command_del(struct command_client *c, struct slice rest, struct buf *out);
int command_file(struct command_client *c, struct slice rest, struct buf *out);
int command_find(struct command_client *c, struct slice rest, struct buf *out);
int command_hash(struct command_client *c, struct slice rest, struct buf *out);
int command_hello(struct command_client *c, struct slice rest, struct buf *out);
int command_load(struct command_client *c, struct slice rest, struct buf *out);
int command_search(
    struct command_client *c, struct slice rest, struct buf *out);
int command_sync(struct command_client *c, struct slice rest, struct buf *out);

#endif
