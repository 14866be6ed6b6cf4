# Each call of libc that indexd and nshare make fails once. They end with a
# message when they cannot start, and otherwise go on and serve what is right.

load calls

# launch COMMAND...: in the background; PID is its process and FD what it says.
launch() {
	rm -f words
	mkfifo words
	"$@" >words 2>&1 </dev/null 3>&- &
	PID=$!
	exec {FD}<words
	LOG=
}

# launch_failing PROGRAM ARGUMENT...
launch_failing() {
	launch env "NAP_FAIL=$FAULT" NAP_FAIL_MARK=struck "$FAILING/$1" "${@:2}"
}

# hear TEXT: wait until it says that; SAID is the last word of that line, and
# LOG all that was said. Fails when it ends before, or time is up.
hear() {
	local line

	while IFS= read -r -t $SLOW -u "$FD" line; do
		LOG+=$line$'\n'
		SAID=${line##* }
		[[ $line != *"$1"* ]] || return 0
	done
	return 1
}

# ended: with its last words. STATUS is its status.
ended() {
	local line heard

	while IFS= read -r -t $SLOW -u "$FD" line; heard=$?; ((heard == 0)); do
		LOG+=$line$'\n'
	done
	if ((heard > 128)); then
		echo "it does not end: $LOG"
		kill -KILL "$PID"
	fi
	exec {FD}<&-
	STATUS=0
	wait "$PID" || STATUS=$?
}

# One that did not start ends with a status and a message.
end_unstarted() {
	ended
	((STATUS == 1 || STATUS == 2)) || echo "status $STATUS at start: $LOG"
	[[ -n $LOG ]] || silenced || echo 'not a word at start'
}

end_well() {
	kill "$PID"
	ended
	((STATUS == 0)) || echo "status $STATUS in the end: $LOG"
}

# finds_all ADDRESS: HITS is what nfind finds there.
finds_all() {
	local all hit

	HITS=()
	mapfile -t all < <(nfind song 2>nfind.err)
	for hit in "${all[@]}"; do
		[[ $hit != "$1"[:/]* ]] || HITS+=("$hit")
	done
	((${#HITS[@]} == SONGS))
}

# gets_hits: those that come are what there is, byte for byte. STATUS is nget's.
gets_hits() {
	STATUS=0
	rm -rf in
	mkdir in
	printf '%s\n' "${HITS[@]}" |
		timeout $SLOW nget -q -d in - >out 2>err || STATUS=$?
	diff -r ../want in | grep -v '^Only in ../want'
	((STATUS == 0)) || passing ||
		[[ $STATUS == [136] && -s err ]] || echo "nget: status $STATUS"
}

# A peer can register with indexd, and nfind finds all that it has, or the peer
# was told that it would not.
indexing() {
	local index_pid index_fd index_log

	launch_failing indexd -l 127.0.0.1:0
	if ! hear 'listening on'; then
		end_unstarted
		return
	fi
	index_pid=$PID index_fd=$FD index_log=$LOG
	export NAP_INDEX=$SAID
	launch nshare -p 0 --no-hash ../share
	if ! hear sharing; then
		echo "no peer can register: $LOG"
	elif ! finds_all 127.0.0.1 && [[ $LOG != *refused* ]]; then
		eventually $SLOW finds_all 127.0.0.1 ||
			echo "missing: $LOG $(<nfind.err)"
	fi
	end_well
	PID=$index_pid FD=$index_fd LOG=$index_log
	end_well
}

@test "each call of indexd fails in turn" {
	# The second one is made for the leak checker, which cannot do without.
	# The third getsockname is to tell the port that all wait for.
	each_call indexing "${ALWAYS[@]}" open=EMFILE${NAP_SANITIZED:+@1} bind=EACCES \
		listen=EIO getsockname=ENOBUFS@1 getsockname=ENOBUFS@2 \
		getsockname=ENOBUFS@4 getsockname=ENOBUFS@5 accept4=EMFILE \
		accept4=ECONNABORTED accept4=EINTR accept4=EAGAIN read=EINTR read=EAGAIN \
		getrandom=ENOSYS getrandom=EINTR prctl=EINVAL \
		sched_getaffinity=EINVAL
}

# What nshare shares is found and fetched, or it says what it cannot read.
sharing() {
	rm -rf cache
	shares
}

# Of the digests that it remembers, most are worth nothing.
tidying() {
	rm -rf cache
	mkdir -p cache/naputils
	head -c 1000000 /dev/zero >cache/naputils/digests
	chmod 600 cache/naputils/digests
	shares
}

shares() {
	export XDG_CACHE_HOME=$PWD/cache
	launch_failing nshare -p 0 ../share
	if ! hear sharing; then
		end_unstarted
		return
	fi
	if ! finds_all "$SAID" && [[ $LOG != *'cannot read'* ]]; then
		eventually $SLOW finds_all "$SAID" ||
			echo "missing: $LOG $(<nfind.err)"
	fi
	if ((${#HITS[@]} == SONGS)); then
		gets_hits
		((STATUS == 0)) || gets_hits
		((STATUS == 0)) || echo "nget, again: $STATUS $(<err)"
	fi
	end_well
}

@test "each call of nshare fails in turn" {
	start_indexd
	each_call sharing "${ALWAYS[@]}" open=EMFILE bind=EACCES listen=EIO \
		getsockname=ENOBUFS accept4=EMFILE accept4=ECONNABORTED \
		accept4=EINTR accept4=EAGAIN read=EINTR read=EIO stat=EIO \
		readdir=EIO syscall=ENOSYS syscall=EMFILE syscall=EIO \
		syscall=EINTR pread=EIO pread=EINTR pread=short sendfile=EIO \
		sendfile=EINTR sendfile=EAGAIN sendfile=short mkdir=EACCES \
		flock=ENOLCK lseek=EIO getrandom=ENOSYS getrandom=EINTR \
		shutdown=ENOTCONN eventfd=EMFILE inotify_init1=EMFILE \
		inotify_add_watch=ENOSPC inotify_add_watch=EACCES \
		getgroups=EINVAL prctl=EINVAL sched_getaffinity=EINVAL
}

@test "each call of an nshare that tidies its digests fails in turn" {
	start_indexd
	each_call tidying memory=ENOMEM fsync=EIO rename=EIO unlink=EIO \
		flock=ENOLCK stat=EIO read=EIO
}

# Its files are read again, though not each time: who reads them and who asks
# may fail once, each.
reading_again() {
	local files

	mkdir -p config/naputils
	export XDG_CONFIG_HOME=$PWD/config
	launch_failing indexd -l 127.0.0.1:0
	if ! hear 'listening on'; then
		end_unstarted
		return
	fi
	if [[ $LOG == *'will not be heeded'* ]]; then
		end_well
		return
	fi
	for files in 1 2 3; do
		printf '[indexd]\nmax-files = %d\n' $files >config/naputils/new
		mv config/naputils/new config/naputils/config
		kill -HUP "$PID"
		hear configuration || echo "it says nothing, $files: $LOG"
	done
	[[ $LOG == *'the configuration has been read again'* ]] ||
		echo "nothing is read again: $LOG"
	end_well
}

@test "each call with which indexd reads its configuration again fails in turn" {
	each_call reading_again memory=ENOMEM realpath=EACCES read=EINTR poll=EINTR \
		send=EINTR send=short recv=EINTR recv=short recv=EAGAIN
}
