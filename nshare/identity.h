#ifndef NAP_IDENTITY_H
#define NAP_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct stat;

/* Of more groups than that, all but the first are left out. */
#define IDENTITY_GROUPS 64

/* Who we are to those who guard files. */
struct identity {
	uid_t user;
	gid_t groups[IDENTITY_GROUPS];
	size_t group_count;
};

/* As it is now. */
void identity_find(struct identity *id);

/*
 * Whether the mode of a file lets us read it. What it denies may be granted all
 * the same, by a capability or an ACL: then false, as it is in doubt. So is what
 * it grants to a group that our user namespace hides. What it grants and an ACL
 * denies is taken for granted.
 */
bool identity_reads(const struct identity *id, const struct stat *st);

#endif
