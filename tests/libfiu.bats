# The four programs as they are installed, each with libfiu between it and libc,
# which has calls fail at random: what comes through is right, or somebody says
# what went wrong, and then it is right when it is tried again.
#
# A quarter of NAP_SOAK is how many seconds that takes.

load common

SONGS=12

setup() {
	common_setup
	[[ -z $NAP_SANITIZED ]] || skip 'sanitizers take no preloaded library'
	command -v fiu-run >/dev/null || skip 'libfiu is not installed (fiu-utils)'
	! grep -q ld-musl "$BUILD/indexd/indexd" || skip 'libfiu wants glibc'
	mkdir share
	for ((i = 1; i < SONGS; i++)); do
		head -c $((i * i * 1000)) /dev/urandom >"share/song $i"
	done
	head -c 3000000 /dev/urandom >"share/song $SONGS"
}

# What it runs under, if anything.
UNDER=()

# fiu POINT=HOW[@PROBABILITY]... -- COMMAND...: POINT is libfiu's, below posix/io;
# HOW the number of an error, 1 for "reduce", which takes a part of what is there.
fiu() {
	local options=() point name how

	while [[ $1 != -- ]]; do
		point=$1 name=${1%%=*}
		how=${point#*=}
		if [[ $how == *@* ]]; then
			options+=(-c "enable_random name=posix/io/$name,probability=${how#*@},failinfo=${how%@*}")
		else
			options+=(-c "enable name=posix/io/$name,failinfo=$how")
		fi
		shift
	done
	exec "${UNDER[@]}" fiu-run -x -f '' "${options[@]}" "${@:2}"
}

EINTR=4 EIO=5 EAGAIN=11 EMFILE=24 ENOSPC=28 ENETUNREACH=101 ECONNRESET=104
EACCES=13

# What is made again, or the rest of it is.
PASSING=("net/recv=$EINTR@0.2" "net/send=$EINTR@0.1" "net/send=$EAGAIN@0.1"
	"rw/read=$EINTR@0.2" "rw/pread=$EINTR@0.2" "rw/write=$EINTR@0.1"
	"rw/pwrite=$EINTR@0.2" 'rw/pread/reduce=1@0.5' 'rw/pwrite/reduce=1@0.5')

# Likewise, but not of the servers: there it would be a part of what an eventfd
# takes, as no system does it.
PARTS=('rw/read/reduce=1@0.5' 'rw/write/reduce=1@0.5')

# What is not.
LASTING=("net/recv=$ECONNRESET@0.02" "net/send=$ECONNRESET@0.02"
	"net/connect=$ENETUNREACH@0.05")

# start_both POINT...: indexd and nshare, which has to find its index.
start_both() {
	spawn indexd fiu "$@" -- indexd -l 127.0.0.1:0
	INDEXD=$PID
	wait_for_line indexd.err "listening on $PATTERN_ADDR" "$PID"
	export NAP_INDEX=${MATCH##* }
	spawn nshare fiu "$@" "${NSHARE_TOO[@]}" -- nshare -v -p 0 share
	NSHARE=$PID
	wait_for_line nshare.err 'sharing [0-9]+ files of .* at ' "$PID"
	wait_for_line nshare.err 'no digest is missing' "$PID"
}

# find_all POINT...: all locators, with digests, into found.
find_all() {
	(fiu "$@" -- nfind -H -n 100 song) >found 2>nfind.err </dev/null
}

# get_all POINT...: all that was found into in.
get_all() {
	(fiu "$@" -- nget -q --timeout 5 -d in -) <found >nget.out 2>nget.err ||
		{ local status=$?; cat nget.err; return $status; }
}

@test "libfiu reaches all four programs" {
	run fiu "net/bind=$EACCES" -- indexd -l 127.0.0.1:0
	assert_failure 1
	assert_output --partial 'Permission denied'
	run fiu "net/listen=$EACCES" -- nshare -p 0 share
	assert_failure 1
	assert_output --partial 'Permission denied'
	NAP_INDEX=127.0.0.1:1 run fiu "net/socket=$EMFILE" -- nfind song
	assert_failure 2
	assert_output --partial 'Too many open files'
	run fiu "net/connect=$ENETUNREACH" -- nget 127.0.0.1:1/song
	assert_failure 3
	assert_output --partial 'Network is unreachable'
}

@test "of calls that are interrupted or do a part of it nobody notices" {
	start_both "${PASSING[@]}"
	for turn in 1 2 3; do
		rm -rf in
		mkdir in
		find_all "${PASSING[@]}" "${PARTS[@]}"
		assert_equal "$(grep -c '#sha256=' found)" "$SONGS"
		get_all "${PASSING[@]}" "${PARTS[@]}"
		diff -r share in
	done
	end "$NSHARE"
	end "$INDEXD"
	run cat indexd.err nshare.err
	refute_line --partial 'closed the connection'
	refute_line --partial 'trying again'
}

# count_writes POINT...: in how many pieces all that was found comes to disk.
count_writes() {
	rm -rf in
	mkdir in
	UNDER=(strace -f -qq -o strace.log -e trace=pwrite64)
	get_all "$@"
	diff -r share in
	WRITES=$(grep -c pwrite64 strace.log)
}

@test "a file that is written a few bytes at a time is whole" {
	need_strace
	start_both
	find_all
	count_writes
	few=$WRITES
	count_writes rw/{read,write,pread,pwrite}/reduce=1
	((WRITES > 2 * few))
}

tries_find() {
	local status=0

	find_all "${LASTING[@]}" "net/socket=$EMFILE@0.05" || status=$?
	# The peer may be away, which is not worth a word.
	((status < 2)) || [[ -s nfind.err ]] || complain "nfind: $status"
	! grep -v '#sha256=' found || complain "nfind: $(<found)"
	((status == 0 && $(wc -l <found) == SONGS))
}

tries_get() {
	local status=0 song

	get_all "${LASTING[@]}" "net/socket=$EMFILE@0.02" \
		"rw/pwrite=$ENOSPC@0.01" "sync/fsync=$EIO@0.02" || status=$?
	((status == 0)) || [[ -s nget.err ]] || complain "nget: $status"
	# What has its name is right, however it went.
	for song in in/*; do
		[[ $song == *.part* || ! -e $song ]] ||
			cmp "$song" "share/${song#in/}" || complain "$song"
	done
	((status == 0))
}

complain() {
	echo "$*" | tee -a wrong
}

@test "after what fails everything is right when it is tried again" {
	NSHARE_TOO=("rw/pread=$EIO@0.02" "dir/rename=$EIO@0.1" "sync/fsync=$EIO@0.1")
	start_both "${LASTING[@]}"
	failed=0
	end=$((SECONDS + ${NAP_SOAK:-20} / 4))
	while ((SECONDS < end)); do
		rm -rf in
		mkdir in
		until tries_find; do
			failed=$((failed + 1))
			((SECONDS < end + PATIENCE))
		done
		until tries_get; do
			failed=$((failed + 1))
			((SECONDS < end + PATIENCE))
		done
		diff -r share in
		[[ ! -e wrong ]]
	done
	kill -0 "$INDEXD" "$NSHARE"
	echo "$failed attempts have failed, and been made again" >&3
}
