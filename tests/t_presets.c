#include "lib/presets.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/conf.h"
#include "tap.h"

static char top[] = "/tmp/t_presets.XXXXXX";

/* What a program has taken: "name=text@source", a flag's text yes or no. */
struct taken {
	char text[512];
	size_t len;
};

static int
take(void *to, struct opt *given)
{
	struct taken *t = to;
	const char *flag = given->off ? "no" : "yes";

	if (given->text && !strcmp(given->text, "bad"))
		return opt_refuse(given, "--%s is bad", given->name);
	t->len += (size_t)snprintf(t->text + t->len, sizeof t->text - t->len,
	    "%s=%s@%d ", given->name, given->text ? given->text : flag,
	    given->source);
	return 0;
}

static const struct option table[] = {
    {"daemon", no_argument, NULL, 'd'},
    {"help", no_argument, NULL, 'h'},
    {"index", required_argument, NULL, 'I'},
    {"quiet", no_argument, NULL, 'q'},
    {NULL, 0, NULL, 0},
};

static const struct opt_program program = {
    .name = "nshare", .letters = "dhI:q", .table = table, .take = take};

static void
put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd == -1 || write(fd, text, strlen(text)) == -1)
		abort();
	close(fd);
}

static struct presets_file
file_at(const char *path)
{
	char *absolute;

	if (asprintf(&absolute, "%s/%s", top, path) == -1)
		abort();
	return (struct presets_file){.path = absolute};
}

/* What the program takes of two texts, or what is wrong with them. */
static const char *
applied(const char *system, const char *user)
{
	static struct taken t;
	static char why[PRESETS_WHY_BYTES];
	struct presets p = {
	    .files = {{.path = strdup("/system")}, {.path = strdup("/user")}}};

	t = (struct taken){.len = 0};
	p.files[0].text = strdup(system);
	p.files[0].len = strlen(system);
	p.files[1].text = strdup(user);
	p.files[1].len = strlen(user);
	memcpy(why, p.why, sizeof why);
	if (presets_apply(&p, &program, &t) < 0)
		memcpy(why, p.why, sizeof why);
	else
		memcpy(why, t.text, sizeof t.text);
	presets_free(&p);
	return why;
}

static void
order(void)
{
	tap_is_str(applied("index = a\n", "index = b\nquiet = yes\n"),
	    "index=a@1 index=b@3 quiet=yes@3 ",
	    "the user's file comes after that of the system");
	tap_is_str(applied("index = a\n[nshare]\nindex = b", "index=c"),
	    "index=a@1 index=b@2 index=c@3 ",
	    "a program's section comes after what is for all");
	tap_is_str(applied("daemon = no\n", ""), "daemon=no@1 ",
	    "a flag is taken back by no");
	tap_is_str(applied("[nget]\nindex = a\njobs = x\n", ""), "",
	    "sections of others are passed over");
	tap_is_str(applied("limit = 3\ndigest = yes\n", ""), "",
	    "so is, outside of sections, what others have");
	tap_is_str(applied("index =\n", ""), "index=@1 ",
	    "an empty value is for the program to judge");
}

static void
refusals(void)
{
	tap_is_str(applied("\nindex = bad\n", ""), "/system:2: --index is bad",
	    "what the program refuses is told with file and line");
	tap_is_str(applied("", "quiet = 1\n"),
	    "/user:1: quiet wants yes or no, not '1'",
	    "a flag is yes or no alone");
	tap_is_str(applied("", "idnex = a\n"),
	    "/user:1: no program has an option 'idnex'",
	    "a key that nobody has is wrong");
	tap_is_str(applied("", "inde = a\n"),
	    "/user:1: no program has an option 'inde'",
	    "also one that begins another");
	tap_is_str(applied("[nshare]\nlimit = 3\n", ""),
	    "/system:2: nshare has no option 'limit'",
	    "in the section of a program so is what it does not have");
	tap_is_str(applied("help = yes\n", ""),
	    "/system:1: 'help' is for the command line alone",
	    "some options have no place in a file");
	tap_is_str(applied("[nfind]\nquiet = yes\n[nshare]\nq = 1\n", ""),
	    "/system:4: nshare has no option 'q'",
	    "what others would refuse in their section is theirs to tell");
	tap_is_str(applied("index\n", ""), "/system:1: there is no =",
	    "what is wrong with the text is told likewise");
	tap_is_str(applied("index = a\n[x]\n", "index = b\n"),
	    "/system:2: there is no such section",
	    "what is wrong with one file ends it all");
}

static void
places(void)
{
	struct presets p;

	setenv("XDG_CONFIG_HOME", "/xdg", 1);
	setenv("HOME", "/home", 1);
	presets_find(&p);
	tap_is_str(p.files[0].path, PRESETS_SYSTEM,
	    "the system's file is where it was built to be");
	tap_is_str(p.files[1].path, "/xdg/naputils/config",
	    "the user's file is below XDG_CONFIG_HOME");
	presets_free(&p);
	setenv("XDG_CONFIG_HOME", "xdg", 1);
	presets_find(&p);
	tap_is_str(p.files[1].path, "/home/.config/naputils/config",
	    "or below HOME, when that is not absolute");
	presets_free(&p);
	unsetenv("XDG_CONFIG_HOME");
	setenv("HOME", "", 1);
	presets_find(&p);
	tap_ok(!p.files[1].path, "nobody's home has no file");
	presets_free(&p);
	unsetenv("HOME");
	presets_find(&p);
	tap_ok(!p.files[1].path && presets_directory(&p.files[1]) == -1 &&
		errno == ENOENT && presets_load(&p.files[1], -1) == 0 &&
		!p.files[1].text,
	    "nor has no home");
	presets_free(&p);
}

/* 0 with the text, or errno. */
static int
load(struct presets_file *file)
{
	int directory = presets_directory(file), error = 0;

	if (presets_load(file, directory) < 0)
		error = errno;
	if (directory != -1)
		close(directory);
	return error;
}

static void
files(void)
{
	static char large[CONF_BYTES_MAX + 100];
	struct presets_file file = file_at("config");

	tap_ok(load(&file) == 0 && !file.text, "there may be no file");
	put(file.path, "");
	tap_ok(
	    load(&file) == 0 && file.text && file.len == 0, "or an empty one");
	free(file.text);
	put(file.path, "a = b\n");
	tap_ok(load(&file) == 0 && file.len == 6 &&
		!memcmp(file.text, "a = b\n", 6),
	    "its text is read");
	free(file.text);
	memset(large, 'x', sizeof large - 1);
	put(file.path, large);
	tap_ok(load(&file) == 0 && file.len == CONF_BYTES_MAX + 1,
	    "of one that is too large, so much that this is seen");
	free(file.text);
	unlink(file.path);
	mkfifo(file.path, 0600);
	tap_ok(load(&file) == 0 && file.len == 0, "a pipe keeps nobody");
	free(file.text);
	unlink(file.path);
	mkdir(file.path, 0700);
	tap_is_num(load(&file), EISDIR, "a directory cannot be read");
	rmdir(file.path);
	free(file.path);
}

static void
directories(void)
{
	struct presets_file file = file_at("none/config");

	tap_ok(load(&file) == 0 && !file.text,
	    "a directory that is not there has no file");
	free(file.path);
	file = file_at("plain/config");
	*strrchr(file.path, '/') = '\0';
	put(file.path, "");
	file.path[strlen(file.path)] = '/';
	tap_ok(load(&file) == 0 && !file.text, "nor has what is no directory");
	*strrchr(file.path, '/') = '\0';
	unlink(file.path);
	free(file.path);
	file = file_at("config");
	if (symlink("elsewhere", file.path) == -1)
		abort();
	tap_ok(load(&file) == 0 && !file.text,
	    "nor has a symbolic link that leads nowhere");
	unlink(file.path);
	free(file.path);
}

/* One that may do everything cannot try this. */
static void
shut(void)
{
	struct presets_file file = file_at("shut/naputils/config");
	char home[64];

	if (geteuid() == 0) {
		tap_ok(true, "some are shut # SKIP root reads everything");
		free(file.path);
		return;
	}
	snprintf(home, sizeof home, "%s/shut", top);
	mkdir(home, 0700);
	*strrchr(file.path, '/') = '\0';
	mkdir(file.path, 0700);
	file.path[strlen(file.path)] = '/';
	put(file.path, "");
	chmod(file.path, 0);
	tap_is_num(load(&file), EACCES, "a file that is shut is an error");
	chmod(home, 0);
	tap_ok(load(&file) == 0 && !file.text,
	    "in a home that is shut to us there is none of ours");
	chmod(home, 0700);
	*strrchr(file.path, '/') = '\0';
	chmod(file.path, 0);
	file.path[strlen(file.path)] = '/';
	tap_ok(load(&file) == 0 && !file.text,
	    "nor in a directory of ours that is shut to us");
	*strrchr(file.path, '/') = '\0';
	chmod(file.path, 0700);
	file.path[strlen(file.path)] = '/';
	unlink(file.path);
	*strrchr(file.path, '/') = '\0';
	rmdir(file.path);
	rmdir(home);
	free(file.path);
}

int
main(void)
{
	if (!mkdtemp(top))
		return 1;
	order();
	refusals();
	places();
	files();
	directories();
	shut();
	tap_ok(rmdir(top) == 0, "nothing is left behind");
	return tap_done();
}
