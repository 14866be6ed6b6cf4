#include "nshare/identity.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

#define SOMEBODY 65534
#define GROUP_HIDDEN 65534 /* any, to who is in another user namespace */

enum { US = 1, OTHERS, GROUP, GROUP_TOO, GROUP_NOT };

static const struct identity me = {
    .user = US, .groups = {GROUP, GROUP_TOO, GROUP_HIDDEN}, .group_count = 3};

static bool
reads(uid_t user, gid_t group, mode_t mode)
{
	const struct stat st = {
	    .st_uid = user, .st_gid = group, .st_mode = S_IFREG | mode};

	return identity_reads(&me, &st);
}

static void
test_modes(void)
{
	tap_ok(reads(US, GROUP_NOT, 0400), "what is ours we may read");
	tap_ok(!reads(US, GROUP, 0377), "unless its owner may not");
	tap_ok(reads(OTHERS, GROUP, 0040), "so what our group may read");
	tap_ok(reads(OTHERS, GROUP_TOO, 0640), "and any other that is ours");
	tap_ok(!reads(OTHERS, GROUP_NOT, 0640), "but not what others' may");
	tap_ok(reads(OTHERS, GROUP_NOT, 0644), "what all may read we may");
	tap_ok(!reads(OTHERS, GROUP, 0604), "unless our group may not");
	tap_ok(!reads(OTHERS, GROUP_NOT, 0604),
	    "one that we may have forgotten leaves doubt");
	tap_ok(!reads(OTHERS, GROUP_HIDDEN, 0640),
	    "so does one that a user namespace hides");
	tap_ok(!reads(OTHERS, GROUP_NOT, 0), "what nobody may we may not");
	tap_ok(!reads(OTHERS, GROUP, 0333), "nor what all may but read");
}

static void
test_root(void)
{
	const struct identity root = {.user = 0, .group_count = 1};
	const struct stat st = {.st_uid = US, .st_gid = GROUP, .st_mode = 0600};

	tap_ok(!identity_reads(&root, &st),
	    "what root may by capabilities alone is in doubt");
}

static void
test_find(void)
{
	struct identity id;
	struct stat st = {.st_mode = 0400};

	identity_find(&id);
	st.st_uid = geteuid();
	tap_ok(identity_reads(&id, &st), "it is that of the process");
	st = (struct stat){
	    .st_uid = geteuid() + 1, .st_gid = getegid(), .st_mode = 0040};
	tap_ok(identity_reads(&id, &st) == (getegid() != GROUP_HIDDEN),
	    "with its group, which may seem to be hidden");
}

/* Somebody with that group, and more of them: from first on, so many. */
static bool
become(gid_t group, gid_t first, size_t more)
{
	gid_t list[IDENTITY_GROUPS + 1];

	for (size_t i = 0; i < more; i++)
		list[i] = first + (gid_t)i;
	return setgroups(more, list) == 0 && setegid(group) == 0 &&
	    seteuid(SOMEBODY) == 0;
}

static void
become_root(void)
{
	if (seteuid(0) < 0 || setegid(0) < 0 || setgroups(0, NULL) < 0)
		abort();
}

static bool
finds_group(const struct identity *id, gid_t group)
{
	const struct stat st = {.st_gid = group, .st_mode = 0040};

	return identity_reads(id, &st);
}

static void
test_groups(void)
{
	struct identity id;

	if (!become(GROUP, 1000, 2)) {
		tap_ok(true, "all groups are found # SKIP not root");
		return;
	}
	identity_find(&id);
	tap_ok(id.user == SOMEBODY && finds_group(&id, GROUP) &&
		finds_group(&id, 1000) && finds_group(&id, 1001),
	    "all groups are found");
	tap_ok(!finds_group(&id, 0) && !finds_group(&id, 1002), "and no other");
	become_root();

	(void)become(GROUP, 1000, IDENTITY_GROUPS - 1);
	identity_find(&id);
	become_root();
	tap_ok(finds_group(&id, GROUP) && finds_group(&id, 1000) &&
		finds_group(&id, 1000 + IDENTITY_GROUPS - 2),
	    "so are as many as there is room for");

	(void)become(GROUP, 1000, IDENTITY_GROUPS);
	identity_find(&id);
	become_root();
	tap_ok(finds_group(&id, GROUP), "of more the first is found");
	tap_ok(!finds_group(&id, 1000), "and the others are left out");
}

static bool
opens(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

struct verdicts {
	unsigned wrong; /* what was said to be readable is not */
	unsigned right; /* it is */
	unsigned doubts; /* it is, but was not said to be */
};

/* Open the file as who we are, and hold it against what its mode tells. */
static void
compare(struct verdicts *v, int dir, const char *name)
{
	struct identity id;
	struct stat st;
	bool said;

	identity_find(&id);
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		abort();
	said = identity_reads(&id, &st);
	if (opens(dir, name)) {
		v->right += said;
		v->doubts += !said;
	} else {
		v->wrong += said;
	}
}

static void
compare_modes(struct verdicts *v, int dir, uid_t user, gid_t group)
{
	for (mode_t bits = 0; bits < 8; bits++) {
		mode_t mode = (bits & 4) << 6 | (bits & 2) << 4 |
		    (bits & 1) << 2;

		if (fchownat(dir, "file", user, group, 0) < 0 ||
		    fchmodat(dir, "file", mode, 0) < 0 ||
		    !become(GROUP, GROUP_TOO, 1))
			abort();
		compare(v, dir, "file");
		become_root();
	}
}

/* What the kernel thinks of it. */
static void
test_kernel(void)
{
	static const gid_t groups[] = {GROUP, GROUP_TOO, GROUP_NOT};
	char path[] = "/tmp/t_identity.XXXXXX";
	struct verdicts v = {0};
	int dir;

	if (!become(GROUP, GROUP_TOO, 1)) {
		tap_ok(true, "the kernel thinks the same # SKIP not root");
		return;
	}
	become_root();
	if (!mkdtemp(path) || (dir = open(path, O_PATH | O_DIRECTORY)) < 0 ||
	    fchmodat(dir, ".", 0711, 0) < 0 ||
	    close(openat(dir, "file", O_WRONLY | O_CREAT, 0600)) < 0)
		abort();
	for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
		compare_modes(&v, dir, SOMEBODY, groups[i]);
		compare_modes(&v, dir, OTHERS, groups[i]);
	}
	tap_is_num(v.wrong, 0, "what is said to be readable can be opened");
	/* 4 of 8 modes each: our own, our groups'. 2 of what is others'. */
	tap_is_num(v.right, 3 * 4 + 2 * 4 + 2, "and is most of what can be");
	tap_is_num(v.doubts, 2,
	    "no doubt is left but of what a group may not and all others may");
	(void)unlinkat(dir, "file", 0);
	close(dir);
	rmdir(path);
}

int
main(void)
{
	test_modes();
	test_root();
	test_find();
	test_groups();
	test_kernel();
	return tap_done();
}
