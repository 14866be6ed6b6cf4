#include "identity.h"

#include <sys/stat.h>
#include <unistd.h>

/*
 * What a user namespace says of every group that it does not know
 * (user_namespaces(7)): to be in one is not to be in all.
 */
#define UNKNOWN_GROUP 65534

void
identity_find(struct identity *id)
{
	int n = getgroups(IDENTITY_GROUPS - 1, id->groups + 1);

	id->user = geteuid();
	id->groups[0] = getegid();
	id->group_count = n > 0 ? (size_t)n + 1 : 1;
}

static bool
has_group(const struct identity *id, gid_t group)
{
	if (group == UNKNOWN_GROUP)
		return false;
	for (size_t i = 0; i < id->group_count; i++)
		if (id->groups[i] == group)
			return true;
	return false;
}

/* A group may be denied what all others may; some of ours may be left out. */
bool
identity_reads(const struct identity *id, const struct stat *st)
{
	if (st->st_uid == id->user)
		return st->st_mode & S_IRUSR;
	if (!(st->st_mode & S_IRGRP))
		return false;
	return st->st_mode & S_IROTH || has_group(id, st->st_gid);
}
