# nshare: what comes, changes and goes below the directory while it is shared.

load nshare

# shared: name and size of every file that is to be found, sorted.
shared() {
	(cd share && find . \( -name '.?*' -o -name '*.part' \) -prune -o \
		-type f -printf '%P %s\n') | sort
}

# indexed: the same, as the index tells it; every name holds a "song".
indexed() {
	nfind -l -n 10000 song | awk -F '\t' '{ print $5, $2 }' | sort
}

# listed: the names that nshare lists.
listed() {
	nget --list "$SHARE" | sed 's,^[^/]*/,,' | sort
}

agree() {
	local truth

	truth=$(shared)
	[[ $(indexed) == "$truth" ]] &&
		[[ $(listed) == "$(cut -d' ' -f1 <<<"$truth")" ]]
}

# finds NAME SIZE: whether a search finds that file, with that size.
finds() {
	[[ $(nfind -l --exact "$1" | cut -f2) == "$2" ]]
}

misses() {
	local status=0

	nfind -q --exact "$1" || status=$?
	((status == 1))
}

# timed COMMAND...: wait until it is so, and say how long that took.
timed() {
	local begun=${EPOCHREALTIME/./}

	wait_until "$@" || return
	echo "# $(((${EPOCHREALTIME/./} - begun) / 1000)) ms: $*" >&3
}

@test "a file that comes, grows, gets other names and goes is found so" {
	echo one >share/song.old
	start_nshare share
	echo 1 >share/song.a
	timed finds song.a 2
	echo 23 >>share/song.a
	timed finds song.a 5
	mv share/song.a share/song.b
	timed finds song.b 5
	wait_until misses song.a
	ln share/song.b share/song.c
	timed finds song.c 5
	rm share/song.b share/song.old
	timed misses song.b
	wait_until misses song.old
	mv share/song.c song.c
	timed misses song.c
	mv song.c share/song.d
	timed finds song.d 5
	agree
}

@test "directories come and go with all that is below" {
	start_nshare share
	mkdir -p new/a/b
	echo 1 >new/a/b/song
	echo 12 >new/song
	mv new share/
	timed finds new/a/b/song 2
	mkdir -p share/x/y/z
	echo 1 >share/x/y/z/song
	timed finds x/y/z/song 2
	mv share/new/a share/x/y/z/a
	timed finds x/y/z/a/b/song 2
	wait_until misses new/a/b/song
	echo 123 >share/x/y/z/a/b/song
	timed finds x/y/z/a/b/song 4
	mv share/x/y .
	timed misses x/y/z/song
	rm -r share/new
	timed misses new/song
	agree
}

@test "a file that is being written is found once it is quiet, and when it is closed" {
	start_nshare share
	exec 7>share/song.slow
	printf 1234 >&7
	echo 1 >share/song.fast
	wait_until finds song.fast 2
	timed finds song.slow 4
	printf 5678 >&7
	timed finds song.slow 8
	printf 9 >&7
	exec 7>&-
	timed finds song.slow 9
}

@test "what it does not share it does not share later either" {
	start_nshare share --exclude 'skip*'
	mkdir share/.h share/skip
	touch share/.h/song share/skip/song share/.song share/song.part
	touch share/skip.song share/song
	ln -s song share/song.link
	mkfifo share/song.fifo
	wait_until finds song 0
	run listed
	assert_output song
	mv share/skip share/song.d
	mv share/song.part share/song.whole
	wait_until finds song.d/song 0
	wait_until finds song.whole 0
}

@test "a file that becomes something else is gone" {
	touch share/song.{a,b,c}
	start_nshare share
	ln -sf nowhere share/song.a
	rm share/song.b share/song.c
	mkfifo share/song.b
	mkdir share/song.c
	echo 1 >share/song.c/song
	timed finds song.c/song 2
	wait_until agree
	touch -d '2001-02-03 04:05:06Z' share/song.c/song
	has_time() { nfind -l song | grep -qF 2001-02-03T04:05:06Z; }
	timed has_time
}

@test "a file goes when it may not be read any more, and comes when it may" {
	echo 1 >share/song
	echo 12 >share/closed
	chmod 0 share/closed
	start_nshare share
	chmod 0 share/song
	timed misses song
	assert_equal "$(listed)" ''
	chmod 400 share/song share/closed
	timed finds song 2
	timed finds closed 3
	run grep -c 'cannot read' nshare.err
	assert_output 1
}

@test "so it does when that is done through a name that is not shared" {
	echo 1 >share/song
	ln share/song share/.song
	start_nshare share
	chmod 0 share/.song
	timed misses song
	chmod 400 share/.song
	timed finds song 2
}

@test "a file that cannot be read lacks no digest" {
	echo 1 >share/song
	echo 1 >share/closed
	chmod 0 share/closed
	HASH=yes start_nshare share -v
	wait_for_line nshare.err 'no digest is missing, 2 bytes'
	run grep 'no digest of' nshare.err
	assert_failure
}

@test "what came is hashed, and the digest of what is written to is gone at once" {
	HASH=yes start_nshare share
	digest() { nfind -l --exact "$1" | cut -f4; }
	has_digest() { [[ $(digest "$1") == "$2" ]]; }
	hash_of() { sha256sum "$1" | cut -d' ' -f1; }
	echo 1 >share/song.a
	timed has_digest song.a "$(hash_of share/song.a)"
	exec 7>>share/song.a
	echo 2 >&7
	timed has_digest song.a -
	exec 7>&-
	timed has_digest song.a "$(hash_of share/song.a)"
	mkdir share/d
	mv share/song.a share/d/song
	timed has_digest d/song "$(hash_of share/d/song)"
	mv share/d share/e
	timed has_digest e/song "$(hash_of share/e/song)"
}

@test "thousands of directories are moved in and out" {
	mkdir -p many
	(cd many && mkdir -p {1..40}/{1..49} && touch {1..40}/{1..49}/song)
	start_nshare share
	mv many share/
	timed finds many/40/49/song 0
	wait_until agree
	touch share/many/40/49/song.new
	wait_until finds many/40/49/song.new 0
	mv share/many .
	timed misses many/1/1/song
	wait_until agree
	run listed
	refute_output
	mv many share/other
	timed finds other/40/49/song.new 0
	wait_until agree
}

@test "more directories than events may wait are renamed" {
	most=$(</proc/sys/fs/inotify/max_queued_events)
	((most <= 17000)) || skip "$most events may wait, which takes long"
	(($(</proc/sys/fs/inotify/max_user_watches) > 4 * most)) ||
		skip 'too few directories may be watched'
	mkdir share/many
	(cd share/many && seq -f d%g $((most + 100)) | xargs mkdir)
	touch share/many/d1/song
	start_nshare share
	mv share/many share/other
	timed finds other/d1/song 0
	timed misses many/d1/song
	touch "share/other/d$most/song.new"
	wait_until finds "other/d$most/song.new" 0
	run grep 'more changes' nshare.err
	refute_output
}

@test "ten thousand files at once" {
	start_nshare share
	(cd share && for ((i = 0; i < 9990; i++)); do : >"song.$i"; done)
	timed agree
	(cd share && rm song.*[1-9])
	timed agree
	(cd share && rm song.*)
	timed agree
}

# disturb COUNT: do whatever to files and directories of some few names.
disturb() {
	local i name
	local names=(song{a..c}{/,}song{a..c}{/,}song{1..4})

	pick() { name=${names[RANDOM % ${#names[@]}]}; }
	for ((i = 0; i < $1; i++)); do
		pick
		case $((RANDOM % 9)) in
		0 | 1) mkdir -p "${name%/*}" ;;
		2 | 3) echo $i >>"$name" ;;
		4) rm "$name" ;;
		5) ln "$name" "song$((RANDOM % 4))" ;;
		6) mv -T "$name" "song$((RANDOM % 4))" ;;
		7) mv -T "${name%%/*}" "$(pick; echo "${name%/*}")" ;;
		8) ((RANDOM % 4)) || rm -r "${name%/*}" ;;
		esac
	done 2>/dev/null
}

@test "whatever is done, in the end searches tell the truth" {
	start_nshare share
	RANDOM=$$
	echo "# RANDOM=$$" >&3
	# NAP_SOAK is for how many seconds others are killed.
	end=$((SECONDS + ${NAP_SOAK:-0} / 5))
	for ((turn = 0; turn < 3 || SECONDS < end; turn++)); do
		(cd share && disturb 300) || :
		wait_until agree
		figure disturbed 300
	done
}

@test "nothing is followed when that is not wanted" {
	echo 1 >share/song.a
	start_nshare share --no-watch
	echo 2 >>share/song.a
	echo 1 >share/song.b
	start_nshare share
	wait_until finds song.b 2
	SHARE=${MATCH##* }
	run grep -c inotify <(ls -l /proc/"$NSHARE"/fd)
	assert_output 1
	end "${PROCESSES[-2]}"
	end "$NSHARE"
	start_nshare share --no-watch
	run grep -c inotify <(ls -l /proc/"$NSHARE"/fd)
	assert_output 0
	rm share/song.b
	mv share/song.a share/song.c
	listed | grep -qx song.a
	finds song.b 2
}

# start_limited NAME VALUE: nshare where inotify has that limit of user.*.
start_limited() {
	unshare -rU bash -c "echo $2 >/proc/sys/user/$1" 2>/dev/null ||
		skip 'no user namespace with limits of its own'
	spawn nshare unshare -rU bash -c \
		"echo $2 >/proc/sys/user/$1 && exec nshare -p 0 --no-hash share"
	NSHARE=$PID
	wait_for_line nshare.err 'sharing [0-9]+ files' || return
	SHARE=${MATCH##* }
}

@test "more directories than can be watched are read every so often" {
	mkdir -p share/{1..30}/d
	touch share/{1..30}/d/song
	start_limited max_inotify_watches 10
	touch share/song
	wait_until finds song 0
	touch share/{1..30}/d/song.new
	timed agree
	rm -r share/1{0..9}
	touch share/{1..9}/d/song.other
	timed agree
	run grep -c 'cannot watch all of share (fs.inotify.max_user_watches)' nshare.err
	assert_output 1
	rm -r share/{5..9} share/2[0-9]
	wait_until agree
	touch share/{1..3}/d/song.last
	wait_until agree
}

@test "without inotify everything is read every so often" {
	start_limited max_inotify_instances 0
	mkdir share/d
	echo 1 >share/d/song
	timed agree
	rm -r share/d
	timed agree
	run grep -c 'cannot watch all of share (fs.inotify.max_user_instances)' nshare.err
	assert_output 1
}

@test "more changes than the system tells of are seen all the same" {
	most=$(</proc/sys/fs/inotify/max_queued_events)
	((most <= 17000)) || skip "$most events may wait, which takes long"
	start_nshare share
	for turn in 1 2; do
		kill -STOP "$NSHARE"
		(cd share && for ((i = 0; i < most / 2; i++)); do : >"song.$i"; done)
		rm share/song.*[02468]
		mkdir -p share/new$turn/d
		touch share/new$turn/d/song
		kill -CONT "$NSHARE"
		timed agree
	done
	touch share/new2/d/song.last
	wait_until agree
	run grep -c 'more changes below share than can be followed' nshare.err
	assert_output 1
}

@test "a directory that is deleted is said to be, and shares nothing" {
	touch share/song
	start_nshare share
	rm -r share
	wait_for_line nshare.err 'share is deleted: nothing is shared'
	wait_until misses song
	mkdir share
	touch share/song
	run listed
	refute_output
	kill "$NSHARE"
	wait "$NSHARE"
}
