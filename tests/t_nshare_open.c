#include "nshare/open.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tap.h"

#define FILE_FLAGS (O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)

static char top[] = "/tmp/t_open.XXXXXX";
static int root;

static void
make(const char *path, const char *content)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0644);

	if (fd < 0 || write(fd, content, strlen(content)) < 0)
		perror(path);
	close(fd);
}

static void
make_socket(const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
	if (bind(fd, (const struct sockaddr *)&at, sizeof at) < 0)
		perror(path);
	close(fd);
}

static void
set_up(void)
{
	if (!mkdtemp(top) || chdir(top) < 0 || mkdir("share", 0755) < 0 ||
	    mkdir("share/d", 0755) < 0 || mkdir("share/d/e", 0755) < 0 ||
	    mkdir("other", 0755) < 0 || symlink("a", "share/link") < 0 ||
	    symlink("../other/secret", "share/out") < 0 ||
	    symlink("../other", "share/outdir") < 0 ||
	    symlink("d", "share/dlink") < 0 ||
	    symlink("/proc/self/fd/0", "share/magic") < 0 ||
	    mkfifo("share/fifo", 0644) < 0)
		perror("set up");
	make("other/secret", "secret");
	make("share/a", "hello");
	make("share/d/e/b", "deep");
	make_socket("share/socket");
	root = open("share", O_RDONLY | O_DIRECTORY);
}

static void
tear_down(void)
{
	char command[64];

	close(root);
	snprintf(command, sizeof command, "rm -rf %s", top);
	if (chdir("/") < 0 || system(command) != 0)
		tap_note("%s is left", top);
}

/* Whether the file opens, and holds what it should. */
static bool
opens(const char *path, const char *content)
{
	struct stat st;
	char text[64] = "";
	int fd = open_file(root, slice_str(path), &st);
	bool right;

	if (fd < 0)
		return false;
	right = read(fd, text, sizeof text) == st.st_size &&
	    !strcmp(text, content);
	close(fd);
	return right;
}

static void
fails(const char *path, const char *sentence)
{
	struct stat st;
	int fd = open_file(root, slice_str(path), &st);

	if (!tap_ok(fd < 0, "%s", sentence))
		close(fd);
}

static void
test_files(void)
{
	tap_ok(opens("a", "hello"), "a file is opened");
	tap_ok(opens("d/e/b", "deep"), "also one in a directory");
	fails("none", "one that is not there is not");
	fails("a/b", "nor is anything below a file");
	fails("d", "a directory is no file");
	fails("link", "a link is not followed");
	fails("out", "a link that leads out is not");
	fails("outdir/secret", "nor is one to a directory");
	fails("dlink/e/b", "even one that stays within");
	fails("magic", "nor is a magic one");
	fails("fifo", "a FIFO fails, and at once");
	fails("socket", "a socket fails");
}

static void
test_changes(void)
{
	if (rename("share/d", "share/d2") < 0 ||
	    symlink("../other", "share/d") < 0)
		perror("rename");
	fails("d/secret", "a directory that becomes a link leads nowhere");
	if (unlink("share/d") < 0 || rename("share/d2", "share/d") < 0)
		perror("rename");
	if (rename("share", "moved") < 0 || symlink("other", "share") < 0)
		perror("rename");
	tap_ok(opens("a", "hello"), "the directory may be renamed");
	fails("secret", "and another take its name");
	if (unlink("share") < 0 || rename("moved", "share") < 0)
		perror("rename");
}

static int
stepwise(const char *path)
{
	int fd = open_stepwise(root, slice_str(path), FILE_FLAGS);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? errno : 0;
}

static void
test_stepwise(void)
{
	char longest[300];

	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	tap_is_num(stepwise("a"), 0, "step by step, a file is opened");
	tap_is_num(stepwise("d/e/b"), 0, "also one in a directory");
	tap_is_num(stepwise("none/b"), ENOENT, "a missing directory fails");
	tap_is_num(stepwise("a/b"), ENOTDIR, "so does a file in its place");
	tap_is_num(stepwise("out"), ELOOP, "a link is not followed");
	tap_is_num(
	    stepwise("outdir/secret"), ENOTDIR, "nor is one to a directory");
	tap_is_num(stepwise("dlink/e/b"), ENOTDIR, "even one within");
	tap_is_num(stepwise(longest), ENAMETOOLONG, "a long name fails");
}

/* More bytes than the kernel takes in one call. */
static void
test_long(void)
{
	char name[] = "0123456789012345678901234567890", path[4097];
	size_t len = 0;
	struct stat st;
	int fd;

	if (chdir("share") < 0)
		perror("share");
	while (len + sizeof name < 4096) {
		if (mkdir(name, 0755) < 0 || chdir(name) < 0)
			perror("mkdir");
		len += (size_t)snprintf(
		    path + len, sizeof path - len, "%s/", name);
	}
	memset(path + len, 'f', 4096 - len);
	path[4096] = '\0';
	make(path + len, "far");
	fd = open_file(root, slice_str(path), &st);
	tap_ok(fd >= 0, "a path of 4096 bytes is opened");
	close(fd);
	if (chdir(top) < 0)
		perror(top);
}

static void
test_directories(void)
{
	int fd = open_directory(root, SLICE("d/e"));

	tap_ok(fd >= 0, "a directory is opened");
	close(fd);
	tap_ok(open_directory(root, SLICE("a")) < 0, "a file is none");
	tap_ok(open_directory(root, SLICE("outdir")) < 0, "a link is none");
	tap_ok(open_directory(root, SLICE("dlink/e")) < 0,
	    "nothing lies below one");
}

int
main(void)
{
	set_up();
	test_files();
	test_changes();
	test_stepwise();
	test_directories();
	test_long();
	tear_down();
	return tap_done();
}
