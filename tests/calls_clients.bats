# Each call of libc that nfind and nget make fails once. What they say and what
# they leave behind is true all the same.

load calls

setup() {
	common_setup
	make_share
	start_indexd
	HASH=yes start_nshare share
	wait_until has_digests
	nfind song >hits
	mapfile -t HITS <hits
	SHORT=$(grep short hits)
}

has_digests() {
	[[ $(nfind -H song | grep -c sha256) == "$SONGS" ]]
}

# run_failing PROGRAM ARGUMENT...: STATUS is its status.
run_failing() {
	STATUS=0
	NAP_FAIL=$FAULT NAP_FAIL_MARK=struck timeout $SLOW "$FAILING/$1" \
		"${@:2}" >out 2>err || STATUS=$?
	if passing && ((STATUS > 0)); then
		echo "status $STATUS: $(<err)"
	elif ((STATUS > 0)) && [[ ! -s err ]] && ! silenced; then
		[[ $FAULT == *=ECONNRESET@* ]] || echo "$STATUS, not a word"
	fi
}

# nfind finds what there is; what it does not find, it says so. Who hangs up on
# it at once may be a seed server, and know no words.
finding() {
	run_failing nfind song
	case $STATUS:$FAULT in
	0:*) cmp -s out ../hits || [[ -s err ]] || cmp out ../hits ;;
	2:* | 1:*=ECONNRESET@*) ;;
	*) echo "status $STATUS: $(<err)" ;;
	esac
}

@test "each call of nfind fails in turn" {
	each_call finding "${ALWAYS[@]}" open=EMFILE write=EIO
}

# What has its name is right, and what has not is there when nget runs again.
saving() {
	run_failing nget -d in "$@"
	case $STATUS in
	0) diff -r -x '*.from' ../want in ;;
	1 | 3 | 4 | 5 | 6)
		diff -r -x '*.part*' ../want in | grep -v '^Only in ../want'
		;;
	2) grep -qE 'configuration|/naputils' err || cat err ;;
	*) echo "status $STATUS: $(<err)" ;;
	esac
	timeout $SLOW nget -q $AGAIN -d in "$@" >out || echo "again: status $?"
	diff -r ../want in
}

getting() {
	rm -rf in
	mkdir in
	saving "${HITS[@]}"
}

# Half of the long song is there, as an nget that was killed has left it.
going_on() {
	rm -rf in
	cp -r ../half in
	saving "${HITS[@]}"
}

# Two peers have it, and no digest tells that what is there is what they have.
getting_from_two() {
	rm -rf in
	mkdir in
	cp ../want/*o*\ song in
	rm in/long*
	AGAIN=-f saving -m "$SHARE/album/long%20song" "$OTHER/album/long%20song"
}

OF_FILES=(open=EMFILE stat=EIO flock=EINTR flock=ENOLCK fstatvfs=EIO
	fallocate=ENOSPC pwrite=ENOSPC pwrite=EIO pwrite=EINTR pwrite=short
	pread=EIO pread=EINTR pread=short fsync=EIO syscall=ENOSYS syscall=EIO
	unlinkat=EIO renameat=EIO signalfd=EMFILE write=EIO)

@test "each call of nget fails in turn" {
	each_call getting "${ALWAYS[@]}" "${OF_FILES[@]}"
}

@test "each call of an nget that goes on fails in turn" {
	mkdir half
	for hit in "${HITS[@]}"; do
		[[ $hit != *long* ]] || long=$hit
	done
	spawn nget nget -q --rate 200K -d half "$long"
	wait_until at_least 'half/long song.part' 100000
	kill -KILL "$PID"
	wait "$PID" || assert_file_exists 'half/long song.part.from'
	each_call going_on memory=ENOMEM "${OF_FILES[@]}"
}

at_least() {
	[[ $(stat -c %s "$1") -ge $2 ]]
}

@test "each call of an nget that has two peers fails in turn" {
	FIRST=$SHARE
	NAME=other start_nshare share
	OTHER=$SHARE SHARE=$FIRST
	each_call getting_from_two memory=ENOMEM connect=ENETUNREACH \
		recv=ECONNRESET recv=short epoll_ctl=ENOMEM pwrite=ENOSPC \
		pwrite=short pread=EIO syscall=EIO unlinkat=EIO
}

# It is told to end when some of the song is there.
breaking_off() {
	local part='in/long song.part' pid

	rm -rf in
	mkdir in
	NAP_FAIL=$FAULT NAP_FAIL_MARK=struck timeout $SLOW "$FAILING/nget" \
		-q --rate 200K -d in "$LONG" >out 2>err &
	pid=$!
	until at_least "$part" 50000 2>stat.err || ! kill -0 $pid 2>kill.err; do
		sleep 0.02
	done
	kill -TERM $pid 2>kill.err
	wait $pid
	[[ ! -e 'in/long song' ]] || echo 'it is there'
	timeout $SLOW nget -q -d in "$LONG" >out || echo "again: status $?"
	cmp 'in/long song' '../want/long song'
}

@test "each call of an nget that breaks off fails in turn" {
	LONG=$SHARE/album/long%20song
	each_call breaking_off memory=ENOMEM fdatasync=EIO ftruncate=EIO \
		pwrite=EIO renameat=EIO unlinkat=EIO close=EIO
}

# One is there as it should be, beside what a killed nget has left, and another
# one is not.
replacing() {
	rm -rf in
	mkdir in
	cp '../want/long song' in
	echo x >'in/long song.part.from'
	cp '../want/long song' 'in/short song'
	run_failing nget -f -d in "${HITS[@]}"
	case $STATUS in
	0) cmp 'in/short song' '../want/short song' ;;
	1 | 3 | 4 | 5 | 6)
		cmp -s 'in/short song' '../want/short song' ||
			cmp 'in/short song' '../want/long song'
		;;
	2) grep -qE 'configuration|/naputils' err || cat err ;;
	*) echo "status $STATUS: $(<err)" ;;
	esac
	cmp 'in/long song' '../want/long song'
}

@test "each call of an nget that finds files there already fails in turn" {
	each_call replacing memory=ENOMEM close=EIO open=EMFILE stat=EIO \
		pread=EIO pread=EINTR pread=short faccessat=EIO unlinkat=EIO \
		renameat=EIO
}

# What goes to a descriptor is written behind what is there.
pouring() {
	echo mine >file
	run_failing nget -f -o /dev/fd/7 "$SHORT" 7>>file
	case $STATUS in
	0) cmp file ../poured ;;
	1 | 3 | 4 | 5 | 6) cmp -n "$(stat -c %s file)" file ../poured ;;
	2) grep -qE 'configuration|/naputils' err || cat err ;;
	*) echo "status $STATUS: $(<err)" ;;
	esac
	[[ $(head -n 1 file) == mine ]] || echo 'what was there is gone'
}

@test "each call of an nget that writes to a descriptor fails in turn" {
	(echo mine && cat 'want/short song') >poured
	each_call pouring memory=ENOMEM realpath=EIO fcntl=EMFILE \
		write=ENOSPC write=EINTR write=short
}
