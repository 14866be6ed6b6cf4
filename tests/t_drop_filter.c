#include "lib/drop_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cell.h"
#include "lib/drop_kernel.h"
#include "tap.h"

#define KILLED (CELL_DEATH | SIGSYS)

/* More than Linux has, less than x86-64 keeps for others. */
#define UNHEARD_OF 4000

static int here; /* a directory that is open */

/* Doors: 0, or the errno that stands in them. */

static int
socket_of(int family)
{
	return cell_met_fd(socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
}

static int
socket_v4(void)
{
	return socket_of(AF_INET);
}

static int
socket_unix(void)
{
	return socket_of(AF_UNIX);
}

static int
socket_netlink(void)
{
	return socket_of(AF_NETLINK);
}

static int
socket_packet(void)
{
	return socket_of(AF_PACKET);
}

static int
socket_alg(void)
{
	return socket_of(AF_ALG);
}

static int
bind_free(void)
{
	const struct sockaddr_in at = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return cell_met(bind(fd, (const struct sockaddr *)&at, sizeof at));
}

static int
listen_tcp(void)
{
	return cell_met(
	    listen(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), 1));
}

static int
fork_away(void)
{
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	return cell_met(child);
}

static void *
nothing(void *arg)
{
	return arg;
}

static int
start_thread(void)
{
	pthread_t thread;
	int error = pthread_create(&thread, NULL, nothing, NULL);

	return error ? error : pthread_join(thread, NULL);
}

static int
execute(void)
{
	char *const none[] = {NULL};

	return cell_met(execve("/bin/true", none, none));
}

static int
open_file(void)
{
	return cell_met_fd(openat(here, ".", O_RDONLY | O_DIRECTORY));
}

static int
delete_file(void)
{
	return cell_met(unlinkat(here, "no such file", 0));
}

static int
watch_file(void)
{
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	int watch = fd == -1 ? -1 : inotify_add_watch(fd, "/", IN_CREATE);

	return watch == -1 ? errno : cell_met(inotify_rm_watch(fd, watch));
}

static int
be_root(void)
{
	return cell_met(setuid(0));
}

static int
be_in_group(void)
{
	return cell_met(setgid(0));
}

static int
signal_parent(void)
{
	return cell_met(kill(getppid(), 0));
}

static int
signal_thread_of_parent(void)
{
	return cell_met(syscall(__NR_tgkill, getppid(), getppid(), 0));
}

static int
signal_own_thread(void)
{
	return cell_met(
	    syscall(__NR_tgkill, getpid(), syscall(__NR_gettid), 0));
}

static int
abort_itself(void)
{
	abort();
}

/* Some libc says that there is no memory. */
static int
met_mapping(int protection)
{
	void *mem = mmap(
	    NULL, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (mem != MAP_FAILED)
		return 0;
	return errno == ENOMEM ? EPERM : errno;
}

static int
map_code(void)
{
	return met_mapping(PROT_READ | PROT_EXEC);
}

static int
map_code_to_write(void)
{
	return met_mapping(PROT_READ | PROT_WRITE | PROT_EXEC);
}

static int
make_code(void)
{
	void *mem = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (mem == MAP_FAILED)
		return errno;
	return cell_met(mprotect(mem, 4096, PROT_READ | PROT_EXEC));
}

static int
type_for_terminal(void)
{
	return cell_met(ioctl(0, TIOCSTI, "x"));
}

static int
limit_parent(void)
{
	struct rlimit limit;

	return cell_met(
	    syscall(__NR_prlimit64, getppid(), RLIMIT_CORE, NULL, &limit));
}

static int
be_nice(void)
{
	const struct sched_param param = {0};

	if (setpriority(PRIO_PROCESS, 0, 19) == -1)
		return errno;
	if (syscall(__NR_ioprio_set, 1, 0, 3 << 13) == -1)
		return errno;
	return cell_met(
	    syscall(__NR_sched_setscheduler, 0, SCHED_IDLE, &param));
}

static int
slow_parent(void)
{
	return cell_met(setpriority(PRIO_PROCESS, (id_t)getppid(), 19));
}

static int
call_unheard_of(void)
{
	return cell_met(syscall(UNHEARD_OF));
}

static int
call_clone3(void)
{
	return cell_met(syscall(__NR_clone3, NULL, 0));
}

static int
filter_again(void)
{
	return cell_met(
	    syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, NULL));
}

static int
trace(void)
{
	return cell_met(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

static int
unshare_user(void)
{
	return cell_met(syscall(__NR_unshare, 0x10000000 /* CLONE_NEWUSER */));
}

static int
load_program(void)
{
	return cell_met(syscall(__NR_bpf, 0, NULL, 0));
}

static int
read_other(void)
{
	return cell_met(
	    syscall(__NR_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0));
}

static int passage[2];

/* Pass a descriptor over a Unix-domain socket, and get it. */
static int
pass_and_get(void)
{
	char byte = 'x', space[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec data = {&byte, 1};
	struct msghdr message = {.msg_iov = &data,
	    .msg_iovlen = 1,
	    .msg_control = space,
	    .msg_controllen = sizeof space};
	struct cmsghdr *item = CMSG_FIRSTHDR(&message);

	item->cmsg_level = SOL_SOCKET;
	item->cmsg_type = SCM_RIGHTS;
	item->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(item), &here, sizeof here);
	if (sendmsg(passage[0], &message, MSG_NOSIGNAL) == -1)
		return errno;
	return cell_met(recvmsg(passage[1], &message, MSG_CMSG_CLOEXEC));
}

/* A port at which nobody listens refuses, if the connection is tried. */
static int
dial(void)
{
	const struct sockaddr_in at = {.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	    .sin_port = htons(1)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (connect(fd, (const struct sockaddr *)&at, sizeof at) == -1 &&
	    errno != EINPROGRESS && errno != ECONNREFUSED)
		return errno;
	return cell_met(poll(&(struct pollfd){fd, POLLOUT, 0}, 1, 1000));
}

#ifdef __x86_64__
static int
call_32_bit(void)
{
	long result = 20; /* getpid */

	__asm__ volatile("int $0x80" : "+a"(result)::"memory");
	return 0;
}

static int
call_x32(void)
{
	return cell_met(syscall(0x40000000 | __NR_getpid));
}
#endif

static void
test_sockets(void)
{
	const struct cell c = {drop_filter, {.read = -1}};
	const struct cell names = {drop_filter, {.read = -1, .resolve = true}};
	const struct cell from = {drop_filter, {.read = -1, .bind = true}};
	const struct cell talks = {drop_filter, {.read = -1, .syslog = true}};

	tap_is_num(cell_try(&c, socket_v4), 0, "sockets of IP can be had");
	tap_is_num(cell_try(&c, socket_unix), EPERM, "not Unix-domain ones");
	tap_is_num(cell_try(&talks, socket_unix), 0,
	    "unless there is something to tell syslog");
	setenv("NOTIFY_SOCKET", "/run/notify", 1);
	tap_is_num(cell_try(&c, socket_unix), 0, "or the service manager");
	unsetenv("NOTIFY_SOCKET");
	tap_is_num(cell_try(&c, socket_netlink), EPERM, "none of netlink");
	tap_is_num(cell_try(&names, socket_netlink), 0,
	    "which who looks up names may have");
	tap_is_num(cell_try(&names, socket_packet), EPERM, "none of others");
	tap_is_num(cell_try(&c, socket_alg), EPERM, "not of the kernel's");
	tap_is_num(cell_try(&c, bind_free), EPERM, "no address is bound");
	tap_is_num(cell_try(&from, bind_free), 0,
	    "but by who connects from an address of its own");
	tap_is_num(cell_try(&from, listen_tcp), EPERM, "nobody listens anew");
	tap_is_num(cell_try(&c, dial), 0, "a peer can be connected to");
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, passage) == -1)
		abort();
	tap_is_num(cell_try(&c, pass_and_get), 0,
	    "a descriptor can be passed, and taken");
	tap_is_num(cell_try(&c, type_for_terminal), EPERM,
	    "nothing is typed into a terminal");
}

static void
test_files(void)
{
	const struct cell none = {drop_filter, {.read = -1}};
	const struct cell reads = {drop_filter, {.read = 0}};
	const struct cell writes = {
	    drop_filter, {.read = -1, .write = "cache"}};

	tap_is_num(
	    cell_try(&none, open_file), EPERM, "who needs no files opens none");
	tap_is_num(cell_try(&none, watch_file), EPERM, "and watches none");
	tap_is_num(cell_try(&reads, open_file), 0, "who reads opens them");
	tap_is_num(cell_try(&reads, watch_file), 0, "and watches them");
	tap_is_num(cell_try(&reads, delete_file), EPERM, "and deletes none");
	tap_is_num(cell_try(&writes, delete_file), ENOENT,
	    "who writes may delete, too");
}

static void
test_processes(void)
{
	const struct cell c = {
	    drop_filter, {.read = 0, .write = "cache", .resolve = true}};

	tap_is_num(cell_try(&c, fork_away), EPERM, "no process is made");
	tap_is_num(cell_try(&c, execute), EPERM, "no program is executed");
	tap_is_num(cell_try(&c, start_thread), 0, "a thread is");
	tap_is_num(cell_try(&c, call_clone3), ENOSYS,
	    "by the call whose arguments can be seen");
	tap_is_num(cell_try(&c, be_root), EPERM, "nobody becomes root");
	tap_is_num(cell_try(&c, be_in_group), EPERM, "nor joins its group");
	tap_is_num(cell_try(&c, signal_parent), EPERM,
	    "no other process gets a signal");
	tap_is_num(cell_try(&c, signal_thread_of_parent), EPERM,
	    "nor a thread of another");
	tap_is_num(cell_try(&c, signal_own_thread), 0, "its own threads do");
	tap_is_num(cell_try(&c, abort_itself), CELL_DEATH | SIGABRT,
	    "what aborts dies of that");
	tap_is_num(cell_try(&c, limit_parent), EPERM,
	    "no other process has its limits changed");
	tap_is_num(cell_try(&c, slow_parent), EPERM, "nor its priority");
	tap_is_num(cell_try(&c, be_nice), 0, "its own it may lower");
	tap_is_num(cell_try(&c, filter_again), EPERM, "filters are for once");
}

static void
test_code(void)
{
	const struct cell c = {drop_filter, {.read = 0}};
	const struct cell names = {drop_filter, {.read = 0, .resolve = true}};

	tap_is_num(cell_try(&c, map_code), EPERM, "no code is mapped");
	tap_is_num(cell_try(&names, map_code), 0,
	    "a look-up loads modules, which is code");
	tap_is_num(cell_try(&names, map_code_to_write), EPERM,
	    "which could not be written to");
	tap_is_num(cell_try(&names, make_code), EPERM,
	    "and nothing that was becomes code");
}

static void
test_intruders(void)
{
	const struct cell c = {
	    drop_filter, {.read = 0, .write = "cache", .resolve = true}};

	tap_is_num(cell_try(&c, trace), KILLED, "who traces is killed");
	tap_is_num(cell_try(&c, read_other), KILLED,
	    "and who reads the memory of others");
	tap_is_num(cell_try(&c, unshare_user), KILLED,
	    "and who wants a namespace of its own");
	tap_is_num(
	    cell_try(&c, load_program), KILLED, "and who feeds the kernel");
	tap_is_num(cell_try(&c, call_unheard_of), ENOSYS,
	    "a call that nobody has heard of does not exist");
#ifdef __x86_64__
	tap_ok(cell_try(&c, call_32_bit) & CELL_DEATH,
	    "calls of 32 bits are no way round");
	tap_is_num(cell_try(&c, call_x32), KILLED, "nor those of x32");
#endif
}

/* What prevents that there is a filter, or NULL. */
static const char *
obstacle(void)
{
	const struct cell c = {drop_filter, {.read = -1}};

#ifdef DROP_SANITIZED
	const struct drop_sandbox all = {
	    .mode = DROP_SANDBOX_REQUIRE, .read = -1};

	tap_ok(drop_filter(&c.sandbox) == 0,
	    "sanitizers would trip over a filter: there is none");
	tap_ok(drop_filter(&all) == -1 && errno == ENOTSUP,
	    "which is an error for who requires it");
	return "sanitized";
#endif
	return cell_try(&c, socket_v4) == CELL_NONE ? "no filters here" : NULL;
}

int
main(void)
{
	const char *why;

	alarm(60);
	here = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	why = obstacle();
	if (why != NULL) {
		tap_ok(true, "system calls are filtered # SKIP %s", why);
		return tap_done();
	}
	test_sockets();
	test_files();
	test_processes();
	test_code();
	test_intruders();
	return tap_done();
}
