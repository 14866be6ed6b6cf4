#include "nshare/identity.h"

#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

enum { US = 1, OTHERS, GROUP, GROUP_TOO, GROUP_NOT };

static const struct identity me = {
    .user = US, .groups = {GROUP, GROUP_TOO}, .group_count = 2};

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
	tap_ok(!reads(OTHERS, GROUP_NOT, 0), "what nobody may we may not");
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
	tap_ok(identity_reads(&id, &st), "with its group");
}

int
main(void)
{
	test_modes();
	test_find();
	return tap_done();
}
