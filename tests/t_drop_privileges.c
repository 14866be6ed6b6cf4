/*
 * Becoming another user in front of a kernel that is played, so that it may do
 * what a good one does not: give privileges back, or leave some.
 */
#include "lib/drop.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/drop_caps.h"
#include "tap.h"

#define USER 1000
#define GROUP 1001
#define BEFORE 5 /* the group that we come from */
#define STRANGE 77

enum id { REAL, EFFECTIVE, SAVED, IDS };

/* The processes' ids, and what is wrong with the kernel. */
static struct {
	uid_t uid[IDS];
	gid_t gid[IDS];
	bool has_groups; /* those of the user */
	bool is_bounded; /* since it was root */
	gid_t group; /* that the list of users says */
	const char *gives; /* a call that goes through when it must not */
	gid_t given; /* with that id */
	const char *lacks; /* a call that fails when it need not */
	int loses; /* an id that becomes STRANGE; groups follow users; -1: none */
} played;

static void
begin(void)
{
	memset(&played, 0, sizeof played);
	for (int i = 0; i < IDS; i++)
		played.gid[i] = BEFORE;
	played.group = GROUP;
	played.loses = -1;
}

/* What only root may do. */
static int
may(const char *call, gid_t id)
{
	bool is_root = played.uid[EFFECTIVE] == 0;

	if (is_root && (!played.lacks || strcmp(played.lacks, call) != 0))
		return 0;
	if (!is_root && played.gives && strcmp(played.gives, call) == 0 &&
	    played.given == id)
		return 0;
	errno = EPERM;
	return -1;
}

/* Who is not root may still be what he is. */
static int
may_be(const char *call, gid_t gid)
{
	for (int i = 0; i < IDS; i++)
		if (played.gid[i] == gid)
			return 0;
	return may(call, gid);
}

/* Calls that our library makes come here. */
extern __typeof(drop_caps_bounds) __wrap_drop_caps_bounds;
extern __typeof(getegid) __wrap_getegid;
extern __typeof(getgid) __wrap_getgid;
extern __typeof(getpwnam) __wrap_getpwnam;
extern __typeof(getresgid) __wrap_getresgid;
extern __typeof(getresuid) __wrap_getresuid;
extern __typeof(initgroups) __wrap_initgroups;
extern __typeof(setegid) __wrap_setegid;
extern __typeof(seteuid) __wrap_seteuid;
extern __typeof(setgid) __wrap_setgid;
extern __typeof(setgroups) __wrap_setgroups;
extern __typeof(setresgid) __wrap_setresgid;
extern __typeof(setresuid) __wrap_setresuid;
extern __typeof(setuid) __wrap_setuid;

struct passwd *
__wrap_getpwnam(const char *name)
{
	static char home[] = "/home/player";
	static struct passwd user;

	(void)name;
	user.pw_uid = USER;
	user.pw_gid = played.group;
	user.pw_dir = home;
	return &user;
}

void
__wrap_drop_caps_bounds(void)
{
	played.is_bounded = played.uid[EFFECTIVE] == 0;
}

int
__wrap_initgroups(const char *user, gid_t group)
{
	(void)user;
	if (may("initgroups", group) == -1)
		return -1;
	played.has_groups = group == played.group;
	return 0;
}

int
__wrap_setresgid(gid_t real, gid_t effective, gid_t saved)
{
	if (may("setresgid", effective) == -1)
		return -1;
	played.gid[REAL] = real;
	played.gid[EFFECTIVE] = effective;
	played.gid[SAVED] = saved;
	if (played.loses >= IDS)
		played.gid[played.loses - IDS] = STRANGE;
	return 0;
}

int
__wrap_setresuid(uid_t real, uid_t effective, uid_t saved)
{
	if (may("setresuid", effective) == -1)
		return -1;
	played.uid[REAL] = real;
	played.uid[EFFECTIVE] = effective;
	played.uid[SAVED] = saved;
	if (played.loses >= 0 && played.loses < IDS)
		played.uid[played.loses] = STRANGE;
	return 0;
}

int
__wrap_getresgid(gid_t *real, gid_t *effective, gid_t *saved)
{
	*real = played.gid[REAL];
	*effective = played.gid[EFFECTIVE];
	*saved = played.gid[SAVED];
	return 0;
}

int
__wrap_getresuid(uid_t *real, uid_t *effective, uid_t *saved)
{
	*real = played.uid[REAL];
	*effective = played.uid[EFFECTIVE];
	*saved = played.uid[SAVED];
	return 0;
}

gid_t
__wrap_getgid(void)
{
	return played.gid[REAL];
}

gid_t
__wrap_getegid(void)
{
	return played.gid[EFFECTIVE];
}

int
__wrap_setuid(uid_t uid)
{
	return may("setuid", uid);
}

int
__wrap_seteuid(uid_t uid)
{
	return may("seteuid", uid);
}

int
__wrap_setgid(gid_t gid)
{
	return may_be("setgid", gid);
}

int
__wrap_setegid(gid_t gid)
{
	return may_be("setegid", gid);
}

int
__wrap_setgroups(size_t count, const gid_t *groups)
{
	return may("setgroups", count == 1 ? groups[0] : STRANGE);
}

/* EPERM, or 0. */
static int
met(void)
{
	errno = 0;
	return drop_privileges("player") == 0 ? 0 : errno;
}

static void
test_well(void)
{
	begin();
	tap_is_num(met(), 0, "privileges are dropped where all goes well");
	tap_ok(played.has_groups, "with the user's other groups");
	tap_ok(played.is_bounded, "and the bounds of capabilities before that");
	tap_is_str(getenv("HOME"), "/home/player", "and the user's home");
	begin();
	played.group = 0;
	tap_is_num(met(), 0, "a user's group may be that of root");
	begin();
	played.group = BEFORE;
	tap_is_num(met(), 0, "or that from which we come");
}

static void
test_way_back(void)
{
	static const struct {
		const char *call;
		gid_t id;
		const char *sentence;
	} ways[] = {
	    {"setuid", 0, "it does not do if setuid gives root back"},
	    {"seteuid", 0, "nor if seteuid does"},
	    {"setgid", 0, "nor if setgid gives back root's group"},
	    {"setegid", 0, "nor if setegid does"},
	    {"setgid", BEFORE, "nor if setgid gives back the group of before"},
	    {"setegid", BEFORE, "nor if setegid does that"},
	    {"setgroups", BEFORE, "nor if setgroups does"},
	};

	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		begin();
		played.gives = ways[i].call;
		played.given = ways[i].id;
		tap_is_num(met(), EPERM, ways[i].sentence);
	}
}

static void
test_left(void)
{
	static const char *const sentences[] = {
	    "nor if the real user is another",
	    "nor if the effective user is",
	    "nor if the saved user is",
	    "nor if the real group is another",
	    "nor if the effective group is",
	    "nor if the saved group is",
	};

	for (int i = 0; i < 2 * IDS; i++) {
		begin();
		played.loses = i;
		tap_is_num(met(), EPERM, sentences[i]);
	}
}

static void
test_lacking(void)
{
	static const char *const calls[] = {
	    "initgroups", "setresgid", "setresuid"};

	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		begin();
		played.lacks = calls[i];
		tap_ok(met() == EPERM, "nor if %s fails", calls[i]);
	}
}

int
main(void)
{
	test_well();
	test_way_back();
	test_left();
	test_lacking();
	return tap_done();
}
