# What indexd and nshare have asked for when they shut themselves in: a burglar
# inside of them (tests/burglar.c) tries doors. What a door is shut by, for any
# spec, is told by t_drop_landlock, t_drop_filter and t_drop_sandbox.

load nshare

setup() {
	common_setup
	mkdir -p share outside cache config/naputils
	mkdir -m 700 cache/naputils
	echo la >share/song
	echo psst >outside/secret
	echo '[indexd]' >config/naputils/config
	# A burglar who is caught leaves nothing.
	ulimit -c 0
}

# break_into PROGRAM ARGUMENT...: start it; THERE is the process. WITHOUT=PART
# leaves that part of the confinement out, as an old kernel does.
break_into() {
	spawn "$1" env NAP_BURGLAR="$PWD" NAP_BURGLAR_WITHOUT="${WITHOUT:-}" \
		"$BUILD/tests/burgled/$1" "${@:2}"
	THERE=$PID
}

break_into_indexd() {
	break_into indexd -l 127.0.0.1:0 "$@"
	wait_for_line indexd.err 'listening on' "$THERE"
	export NAP_INDEX=${MATCH##* }
}

# Once an ordinary index runs.
break_into_nshare() {
	break_into nshare -p 0 "$@" share
	wait_for_line nshare.err 'sharing 1 files' "$THERE"
}

# reported: what it tells, so far.
reported() {
	tr -d '\0' <report
}

# try_doors: from inside of it; LANDLOCK is the version of the kernel's.
try_doors() {
	kill -USR2 "$THERE"
	wait_for_line report '^end$' "$THERE"
	LANDLOCK=$(reported | sed -n 's/^landlock //p')
}

# meets WHAT DOOR...: that stands in each of them.
meets() {
	local door

	for door in "${@:2}"; do
		reported | grep -qx -- "$door $1" ||
			fail "$door is not $1: $(reported)"
	done
}

# meets_no DOOR: it was not tried, or nobody came back from there.
meets_no() {
	! reported | grep -q "^$1 " || fail "$1 was tried: $(reported)"
}

# knows VERSION: whether the kernel's Landlock is of that one at least.
knows() {
	((LANDLOCK >= $1))
}

# filters: whether this build has a filter of system calls.
filters() {
	[[ $NAP_SANITIZED != *address* && $NAP_SANITIZED != *thread* ]]
}

need_filter() {
	filters || skip 'a sanitizer would trip over a filter'
}

need_landlock() {
	knows 1 || skip 'this kernel has no Landlock'
}

# filtered DOOR...: the filter stands in each.
filtered() {
	! filters || meets EPERM "$@"
}

# is_killed: who has tried what no program does.
is_killed() {
	filters || return 0
	wait_until gone "$THERE"
	meets_no spy
}

ports_are_shut() {
	! knows 4 || meets EACCES "$@"
}

others_are_out_of_reach() {
	wait_for_line report '^spy ' "$THERE"
	meets EPERM spy
	! knows 6 || meets EPERM abstract signal
}

FILES=(read-outside list-outside make-outside read-shared write-shared
	make-shared make-cached read-configured read-hosts)

@test "a program that is not confined meets no door that is shut" {
	break_into_indexd --sandbox=off
	try_doors
	meets open "${FILES[@]}" unix netlink bind listen dial abstract signal \
		fork execute
}

@test "indexd keeps nothing but its connections" {
	need_filter
	break_into_indexd
	try_doors
	meets EPERM "${FILES[@]}" unix netlink bind bind-named listen abstract \
		signal fork execute
	meets open dial
	is_killed
}

@test "indexd is shut in without a filter, too" {
	WITHOUT=filter break_into_indexd
	try_doors
	need_landlock
	meets EACCES "${FILES[@]}" execute
	meets open dial
	ports_are_shut bind bind-named
	others_are_out_of_reach
}

@test "indexd is shut in without Landlock, too" {
	need_filter
	WITHOUT=landlock break_into_indexd
	try_doors
	meets EPERM "${FILES[@]}" unix netlink bind listen signal fork execute
	is_killed
}

@test "indexd as a daemon talks to syslog, and that is all" {
	need_filter
	break_into indexd -d -l 127.0.0.1:0 --pidfile "$PWD/pid"
	wait_until test -s pid
	wait_until gone "$THERE"
	THERE=$(<pid)
	PROCESSES+=("$THERE")
	try_doors
	meets open unix dial
	meets EPERM "${FILES[@]}" netlink bind listen signal fork execute
	is_killed
}

@test "who reads files again for indexd reads where they are, and no more" {
	break_into_indexd
	THERE=$(pgrep -P "$THERE")
	try_doors
	meets open read-configured
	filtered unix netlink bind listen signal fork execute
	is_killed
	need_landlock
	# /etc is where the system's file is.
	meets EACCES read-outside list-outside make-outside read-shared \
		write-shared make-shared make-cached
}

@test "nshare keeps nothing but its connections and what it shares, to read" {
	start_indexd
	break_into_nshare --no-hash
	try_doors
	meets open read-shared dial
	filtered unix netlink bind bind-named listen abstract signal fork execute
	is_killed
	need_landlock
	meets EACCES read-outside list-outside make-outside write-shared \
		make-shared make-cached read-configured read-hosts
}

@test "nshare is shut in without a filter, too" {
	start_indexd
	WITHOUT=filter break_into_nshare
	try_doors
	need_landlock
	meets open read-shared make-cached dial
	meets EACCES read-outside list-outside make-outside write-shared \
		make-shared read-configured read-hosts execute
	ports_are_shut bind bind-named
	others_are_out_of_reach
}

@test "nshare is shut in without Landlock, too" {
	need_filter
	start_indexd
	WITHOUT=landlock break_into_nshare --no-hash
	try_doors
	meets open read-shared dial
	meets EPERM unix netlink bind listen abstract signal fork execute
	is_killed
}

@test "nshare that knows digests may write where it keeps them" {
	start_indexd
	break_into_nshare
	try_doors
	meets open read-shared make-cached dial
	filtered unix netlink bind listen signal fork execute
	need_landlock
	meets EACCES read-outside list-outside make-outside write-shared \
		make-shared read-configured read-hosts
}

@test "nshare that looks up names may read where they are, and no more" {
	start_indexd
	break_into_nshare --no-hash -I "localhost:${INDEX##*:}"
	try_doors
	meets open read-shared read-hosts unix netlink dial
	filtered listen signal fork execute
	need_landlock
	meets EACCES read-outside list-outside make-outside write-shared \
		make-shared make-cached read-configured
	ports_are_shut bind bind-named
}

@test "nshare that has an address of its own may bind it to a free port" {
	start_indexd
	break_into_nshare --no-hash -l 127.0.0.1
	try_doors
	meets open read-shared bind dial
	filtered unix netlink listen signal fork execute
	ports_are_shut bind-named
	need_landlock
	meets EACCES read-outside list-outside read-hosts
}

@test "nshare as a daemon talks to syslog, and that is all" {
	need_filter
	start_indexd
	break_into nshare -d -p 0 --no-hash "$PWD/share"
	wait_until gone "$THERE"
	THERE=$(pgrep -f "^$BUILD/tests/burgled/nshare -d .* $PWD/share\$")
	PROCESSES+=("$THERE")
	try_doors
	meets open read-shared unix dial
	meets EPERM netlink bind listen signal fork execute
	is_killed
}
