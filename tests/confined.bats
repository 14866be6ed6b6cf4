# What indexd and nshare keep once they have started: nothing that they do not
# go on needing. Door by door: doors.bats.

load nshare

# filters: whether this build has a filter of system calls.
filters() {
	[[ $NAP_SANITIZED != *address* && $NAP_SANITIZED != *thread* ]]
}

# is PID LINE...: each is in the status of all of its threads, blanks squeezed.
is() {
	local file line threads=("/proc/$1/task"/*/status)

	# That sanitizer has a thread of its own, which is not shut in with us.
	[[ $NAP_SANITIZED != *thread* ]] || threads=("/proc/$1/status")
	for file in "${threads[@]}"; do
		for line in "${@:2}"; do
			tr -s '\t ' ' ' <"$file" | grep -qxF -- "$line" ||
				fail "$(ps -o comm= -p "$1") lacks '$line': $(cat "$file")"
		done
	done
}

# is_confined PID: in all that can be seen from outside.
is_confined() {
	is "$1" 'NoNewPrivs: 1'
	for set in CapInh CapPrm CapEff CapAmb; do
		is "$1" "$set: 0000000000000000"
	done
	! filters || is "$1" 'Seccomp: 2'
}

need_root() {
	((EUID == 0)) || skip 'only root can become another user'
	getent passwd nobody >/dev/null || skip 'there is no user nobody'
}

# lacking CALL COMMAND...: on a kernel that does not have it, in place of us.
lacking() {
	exec strace -D -f -qq -o strace.log -e "trace=$1" \
		-e "inject=$1:error=ENOSYS" "${@:2}"
}

@test "indexd and nshare are confined, with every thread" {
	echo la >share/song
	HASH=yes start_nshare share
	is_confined "$INDEXD"
	is_confined "$NSHARE"
	nfind song | xargs nget
	assert_equal "$(cat song)" la
}

@test "daemons are confined" {
	echo la >share/song
	run indexd -d -l 127.0.0.1:0 --pidfile pid
	assert_success
	pid=$(cat pid)
	PROCESSES+=("$pid")
	is_confined "$pid"
	run nshare -d -p 0 "$PWD/share"
	assert_success
	pid=$(pgrep -f "^nshare -d -p 0 $PWD/share$")
	PROCESSES+=("$pid")
	is_confined "$pid"
}

@test "--sandbox=off leaves a process as it was" {
	start_nshare share --sandbox=off
	grep -E '^(NoNewPrivs|Seccomp|Cap...):' "/proc/$NSHARE/status" >there
	grep -E '^(NoNewPrivs|Seccomp|Cap...):' "/proc/$BASHPID/status" >here
	run diff there here
	assert_success
}

@test "--sandbox knows off, try and require" {
	for program in indexd 'nshare share'; do
		run timeout 10 $program --sandbox=maybe
		assert_failure 2
		assert_output --partial "wants off, try or require, not 'maybe'"
	done
}

@test "with --sandbox=require a sanitized program does not start" {
	! filters || skip 'no sanitizer that would trip over a filter'
	run timeout 60 indexd -l 127.0.0.1:0 --sandbox=require
	assert_failure 1
	assert_output --partial 'not confined by a filter of system calls'
}

@test "what the kernel lacks is told and done without, or an error" {
	need_strace
	echo la >share/song
	for part in prctl:new capget:capabilities \
		landlock_create_ruleset:Landlock seccomp:filter; do
		call=${part%:*}
		spawn lacking lacking "$call" nshare -p 0 --no-hash share
		wait_for_line lacking.err 'sharing 1 files'
		run cat lacking.err
		assert_line --regexp "^nshare: not confined by .*${part#*:}.*: "
		for program in indexd nshare; do
			operand=(-l 127.0.0.1:0)
			[[ $program == indexd ]] || operand=(-p 0 share)
			run timeout 60 strace -f -qq -o strace.log -e "trace=$call" \
				-e "inject=$call:error=ENOSYS" \
				$program "${operand[@]}" --sandbox=require
			assert_failure 1
			assert_line --regexp "^$program: not confined by .*${part#*:}"
		done
	done
}

@test "nshare -u gives up root for good, and reads what that user may" {
	need_root
	chmod 755 . share
	echo la >share/song
	(umask 077 && echo secret >share/secret)
	NAME=user start_nshare share -u nobody
	uid=$(id -u nobody)
	gid=$(id -g nobody)
	is "$NSHARE" "Uid: $uid $uid $uid $uid" "Gid: $gid $gid $gid $gid"
	run grep Groups: "/proc/$NSHARE/status"
	refute_output --regexp '[[:space:]]0([[:space:]]|$)'
	is_confined "$NSHARE"
	get /song | has_status 200
	get /secret | has_status 404
	run nfind -q secret
	assert_failure 1
}

@test "nshare -u wants a user that there is, and not root" {
	run timeout 10 nshare -p 0 -u no-such-user-here share
	assert_failure 1
	assert_output --partial 'there is no user no-such-user-here'
	run timeout 10 nshare -p 0 -u root share
	assert_failure 1
	assert_output --partial 'user root is root'
}

# Where nobody has listened before, and ports below 1024 are root's.
open_room() {
	unshare -n ip link set lo up 2>/dev/null ||
		skip 'no network of our own may be made here'
	spawn room unshare -n sh -c \
		'ip link set lo up && echo open && exec sleep 600'
	wait_for_line room.out open
	ROOM=(nsenter -t "$PID" -n)
}

@test "with -u, ports and files are taken that root alone may have" {
	need_root
	open_room
	first=$("${ROOM[@]}" cat /proc/sys/net/ipv4/ip_unprivileged_port_start)
	((first > 701)) || skip 'any port may be had by anyone here'
	chmod 755 . share
	echo la >share/song
	mkdir -m 755 run
	uid=$(id -u nobody)
	spawn other "${ROOM[@]}" indexd -u nobody -l 127.0.0.1:700 \
		--pidfile run/pid
	wait_for_line other.err 'listening on 127.0.0.1:700' "$PID"
	is "$PID" "Uid: $uid $uid $uid $uid"
	assert_equal "$(cat run/pid)" "$PID"
	spawn nshare env NAP_INDEX=127.0.0.1:700 "${ROOM[@]}" \
		nshare -u nobody -p 701 --no-hash share
	wait_for_line nshare.err 'sharing 1 files of .*:701' "$PID"
	is "$PID" "Uid: $uid $uid $uid $uid"
	run "${ROOM[@]}" nfind -I 127.0.0.1:700 song
	assert_success
}

@test "an index that has a name is found by one who is confined" {
	echo la >share/song
	start_nshare share -I "localhost:${INDEX##*:}"
	is_confined "$NSHARE"
	run nfind song
	assert_success
}

@test "root does not share what belongs to others alone" {
	need_root
	echo theirs >share/song
	chmod 600 share/song
	chown nobody share/song
	start_nshare share
	assert_regex "$MATCH" 'sharing 0 files'
	get /song | has_status 404
	run cat nshare.err
	assert_line 'nshare: cannot read song: Permission denied'
}

@test "root that is not confined shares what belongs to others alone" {
	need_root
	echo theirs >share/song
	chmod 0 share/song
	chown nobody share/song
	start_nshare share --sandbox=off
	assert_regex "$MATCH" 'sharing 1 files'
	get /song | has_status 200
}
