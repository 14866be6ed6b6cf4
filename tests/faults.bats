# What the system does to programs: calls that are interrupted, clocks that
# jump. Transfers that are interrupted: interrupted.bats.

load common

setup() {
	common_setup
	mkdir share in
	start_indexd
}

@test "interrupted calls of sendfile cut no download short" {
	need_strace
	head -c 5000000 /dev/urandom >share/large
	spawn nshare strace -D -f -qq -o strace.log -e trace=sendfile \
		-e inject=sendfile:error=EINTR:when=1+2 nshare -p 0 share
	wait_for_line nshare.err 'sharing 1 files'
	nfind large | xargs nget -d in
	run cmp in/large share/large
	assert_success
	run grep -c 'EINTR.*INJECTED' strace.log
	assert [ "$output" -ge 1 ]
}

@test "interrupted reads and writes lose nothing of a fetch" {
	need_strace
	head -c 3000000 /dev/urandom >share/large
	start_nshare share
	for call in recvfrom pwrite64 write epoll_wait; do
		rm -rf in
		mkdir in
		nfind large | xargs strace -f -qq -o strace.log -e trace=$call \
			-e inject=$call:error=EINTR:when=1+2 nget -d in
		run cmp in/large share/large
		assert_success
		grep -q 'EINTR.*INJECTED' strace.log
	done
}

# Calls of indexd, how they fail and which of them do. Connections that are lost
# for that come back.
INDEX_FAULTS=(
	recvfrom=EINTR:1+2 recvfrom=ECONNRESET:3+4
	sendto=EINTR:1+2 sendto=EAGAIN:1+2 sendto=EPIPE:3+4
	accept4=EINTR:1+2 accept4=ECONNABORTED:1+2 accept4=EMFILE:1+2
	epoll_wait=EINTR:1+2
)

finds_songs() {
	(($(nfind -n 10 song 2>/dev/null | wc -l) == 3))
}

# struck ERROR: there are all songs, after calls that have failed so.
struck() {
	finds_songs && grep -q "$1.*INJECTED" strace.log
}

@test "an index whose calls are interrupted or fail goes on, and has all again" {
	need_strace
	end "$INDEXD"
	touch share/song.{1,2,3}
	for fault in "${INDEX_FAULTS[@]}"; do
		echo "$fault"
		call=${fault%%=*} how=${fault#*=}
		spawn indexd strace -D -f -qq -o strace.log -e trace="$call" -e \
			inject="$call:error=${how%:*}:when=${how#*:}" \
			indexd -l 127.0.0.1:0
		index=$PID
		wait_for_line indexd.err "listening on $PATTERN_ADDR" "$PID"
		export NAP_INDEX=${MATCH##* }
		spawn nshare nshare -p 0 --no-hash share
		wait_until struck "${how%:*}"
		end "$PID"
		end "$index"
	done
}

@test "a wall clock that jumps ends no connection" {
	[[ -z $NAP_SANITIZED ]] || skip 'sanitizers take no preloaded library'
	command -v faketime >/dev/null || skip 'faketime is not installed'
	! grep -q ld-musl "$BUILD/indexd/indexd" || skip 'faketime wants glibc'
	preload=$(faketime -m -f +0 printenv LD_PRELOAD)
	echo x >share/song
	echo +0 >clock
	end "$INDEXD"
	export LD_PRELOAD=$preload FAKETIME_TIMESTAMP_FILE=$PWD/clock \
		FAKETIME_NO_CACHE=1 DONT_FAKE_MONOTONIC=1
	# The library reads that file again and again.
	start_indexd --sandbox=off
	start_nshare share --sandbox=off
	unset LD_PRELOAD FAKETIME_TIMESTAMP_FILE
	[[ $(tr '\0' '\n' <"/proc/$NSHARE/environ") == *libfaketime* ]]

	exec 7<>"/dev/tcp/${INDEX%:*}/${INDEX##*:}"
	exec 8<>"/dev/tcp/${SHARE%:*}/${SHARE##*:}"
	for jump in +3d -3d; do
		echo "$jump" >clock
		printf 'HEAD /song HTTP/1.1\r\nHost: x\r\n\r\n' >&8
		read -r -t 10 -u 8 answer
		assert_equal "$answer" $'HTTP/1.1 200 OK\r'
		while read -r -t 10 -u 8 line && [[ $line != $'\r' ]]; do
			[[ $line != Date:* ]] || date=$line
		done
		assert_regex "$date" "$(LC_ALL=C date -u -d "${jump/d/ days}" '+%d %b %Y')"
		echo PING >&7
		read -r -t 10 -u 7 answer
		assert_equal "$answer" PONG
		run nfind song
		assert_success
	done
	exec 7>&- 8>&-
}

# What libc calls by itself is out of reach of calls.bash.

# short_of_memory N COMMAND...: the kernel gives it none from the Nth time on
# that it asks for some in main, which begins with a look at /dev/null. Sets
# status and output.
short_of_memory() {
	local n=$1 load

	shift
	strace -qq -o load.log -e trace=brk,mmap,openat "$@" >/dev/null 2>&1 || :
	load=$(sed '/"\/dev\/null"/q' load.log | grep -cE '^(brk|mmap)')
	run timeout 20 strace -f -qq -o strace.log -e trace=brk,mmap \
		-e inject=brk,mmap:error=ENOMEM:when=$((load + n))+ "$@"
}

@test "an index that libc gets no memory for ends with a message, or serves" {
	need_strace
	end "$INDEXD"
	touch share/song.{1,2,3}
	spawn indexd strace -D -qq -o strace.log -e trace=brk,mmap,openat \
		indexd -l 127.0.0.1:0
	wait_for_line indexd.err 'listening on'
	end "$PID"
	load=$(sed '/"\/dev\/null"/q' strace.log | grep -cE '^(brk|mmap)')
	injected=0
	for n in 1 2 4 6 8; do
		spawn indexd strace -D -f -qq -o strace.log -e trace=brk,mmap \
			-e inject=brk,mmap:error=ENOMEM:when=$((load + n))+ \
			indexd -l 127.0.0.1:0
		eventually "$PATIENCE" has_line_or_ended indexd.err \
			'listening on' "$PID"
		! grep -q INJECTED strace.log || injected=$((injected + 1))
		if has_line indexd.err 'listening on'; then
			export NAP_INDEX=$(sed -n 's/.*listening on //p' indexd.err)
			start_nshare share
			finds_songs
			end "$NSHARE"
			end "$PID"
		else
			status=0
			wait "$PID" || status=$?
			((status == 1 || status == 2))
			[[ -s indexd.err ]]
		fi
	done
	((injected > 0))
}

@test "what libc itself gets no memory for fails with a message" {
	need_strace
	echo x >share/song
	start_nshare share
	nfind song >hits
	for n in {1..6}; do
		short_of_memory $n nfind song
		case $status in
		0) assert_output "$(<hits)" ;;
		2) assert_output ;;
		*) fail "status $status: $output" ;;
		esac
		rm -rf in
		mkdir in
		short_of_memory $n nget -f -d in "$SHARE/song"
		case $status in
		0) cmp in/song share/song ;;
		[1-6]) assert_output ;;
		*) fail "status $status: $output" ;;
		esac
	done
}

@test "a daemon that cannot be forked says so" {
	need_strace
	for command in 'indexd -d -l 127.0.0.1:0' 'nshare -d -p 0 share'; do
		run timeout 20 strace -qq -o strace.log -e trace=clone,fork \
			-e inject=clone,clone3,fork,vfork:error=EAGAIN $command
		assert_failure 1
		assert_output --partial 'detach: Resource temporarily unavailable'
	done
}

@test "digests that find no room to be kept are told all the same" {
	need_strace
	kept=$XDG_CACHE_HOME/naputils/digests
	mkdir -p "${kept%/*}"
	: >"$kept"
	echo x >share/song
	digest=$(sha256sum <share/song)
	spawn nshare strace -D -f -qq -o strace.log -P "$kept" -e trace=write \
		-e inject=write:error=ENOSPC nshare -v -p 0 share
	wait_for_line nshare.err 'no digest is missing'
	run nfind -H song
	assert_output --partial "${digest%% *}"
	grep -q INJECTED strace.log
	assert [ ! -s "$kept" ]
	end "$PID"
	spawn nshare nshare -v -p 0 share
	wait_for_line nshare.err 'no digest is missing, 2 bytes'
}

# keep_nothing: a place for digests, which is full; FULL is a process that has it
# and KEPT where it can be seen.
keep_nothing() {
	mkdir -p "$XDG_CACHE_HOME"
	spawn full unshare -rm sh -c 'mount -t tmpfs -o size=64k none "$0" &&
		{ head -c 1000000 /dev/zero >"$0/all"; } 2>/dev/null
		test -s "$0/all" && echo full && exec sleep 600' "$XDG_CACHE_HOME"
	FULL=$PID
	eventually "$PATIENCE" has_line_or_ended full.out full "$FULL"
	has_line full.out full || skip 'no mounts of our own may be made here'
	KEPT=/proc/$FULL/root$XDG_CACHE_HOME
}

# start_full [OPTION...]: nshare, with that.
start_full() {
	spawn nshare nsenter --preserve-credentials -U -m -t "$FULL" \
		nshare -v -p 0 "$PWD/share"
	NSHARE=$PID
	wait_for_line nshare.err 'no digest is missing'
}

tells_digests() {
	local song

	for song in share/song*; do
		nfind -H "${song#*/}" | grep -qF "$(sha256sum <"$song" | cut -c-64)"
	done
}

@test "on a disk that is full nothing is kept and nothing lost, until there is room" {
	command -v nsenter >/dev/null || skip 'nsenter is not installed'
	keep_nothing
	echo x >share/song.1
	start_full
	tells_digests
	assert [ ! -s "$KEPT/naputils/digests" ]
	end "$NSHARE"
	run grep -c 'no more digests are kept: No space left' nshare.err
	assert_output 1

	rm "$KEPT/all"
	start_full
	end "$NSHARE"
	start_full
	tells_digests
	# They are known from before.
	run grep -c 'no digest is missing, 0 bytes' nshare.err
	assert_output 1
}
