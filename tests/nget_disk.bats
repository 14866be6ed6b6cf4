# nget: a disk without room, and places where nothing may be written. What has
# arrived stays, and is gone on from once there is room.

load nget

SIZE=700000
CHUNKED="send Transfer-Encoding: chunked\\r\\n\\r\\n$(printf %x $SIZE)\\r\\n"

setup() {
	common_setup
	SONG=$PWD/whole
	seq 1 200000 | head -c $SIZE >"$SONG"
	DIGEST=$(sha256sum <"$SONG" | cut -d' ' -f1)
}

# small_disk: DISK is a directory with room for a mebibyte.
small_disk() {
	mkdir small
	unshare -rm mount -t tmpfs none small 2>/dev/null ||
		skip 'no file system for us'
	spawn disk unshare -rm bash -c \
		'mount -t tmpfs -o size=1m none small && echo there && exec sleep 600'
	wait_until grep -q there disk.out
	DISK=/proc/$PID/root$PWD/small
	[[ -w $DISK ]] || skip 'no way into the name space'
}

# fill_up [BYTES]: of something else, as much as fits.
fill_up() {
	head -c "${1:-2000000}" /dev/zero >"$DISK/ballast" 2>/dev/null || true
}

# is_true PART: what has arrived is what the song begins with.
is_true() {
	[[ -s $1 ]]
	run cmp -n "$(stat -c %s "$1")" "$1" "$SONG"
	assert_success
}

# completes DIRECTORY LOCATOR: nget does, there, and leaves nothing else.
completes() {
	get -d "$1" "$2"
	assert_success
	assert_output "$1/song"
	assert_equal "$stderr" ''
	run cmp "$1/song" "$SONG"
	assert_success
	run find "$1" -name '*.part*'
	refute_output
}

# need_user: there is somebody whom permissions stop; AS_USER makes a command his.
need_user() {
	AS_USER=()
	((EUID == 0)) || return 0
	command -v setpriv >/dev/null || skip 'setpriv is not installed'
	AS_USER=(setpriv --reuid 65534 --clear-groups)
	"${AS_USER[@]}" nget --version >/dev/null || skip 'others cannot run nget'
}

# get_as_user ARGUMENT...: as get.
get_as_user() {
	run --separate-stderr "${AS_USER[@]}" nget "$@"
}

# user_directory: in, where that user may write.
user_directory() {
	mkdir in
	((EUID != 0)) || chown 65534 in
}

# --- a disk without room --------------------------------------------------------

@test "a file for which there is no room is not begun" {
	small_disk
	peer "serve $SONG
		wait-close"
	fill_up 500000
	get -d "$DISK" "$PUPPET/song"
	assert_failure 5
	assert_regex "$stderr" 'song: no room for the .* that the peer announces'
	assert_equal "${#stderr_lines[@]}" 1
	run ls -A "$DISK"
	assert_output ballast
	rm "$DISK/ballast"
	completes "$DISK" "$PUPPET/song"
}

# filled_up FRAGMENT SCRIPT: song.part has what had arrived when the disk was
# full, of an answer that the script begins, and status is how nget ended. Where
# it came from there is an honest peer now.
filled_up() {
	rm -f full honest "$DISK"/*
	peer -u honest "head
		send HTTP/1.1 200 OK\\r\\nETag: \"v1\"\\r\\n
		$2
		part 0 300000 $SONG
		await full
		part 300000 $SIZE $SONG
		wait-close" "serve $SONG
		wait-close"
	spawn_get -d "$DISK" "$PUPPET/song$1"
	wait_until has_size "$DISK/song.part" 300000
	fill_up
	touch full honest
	finished "$NGET"
}

@test "a disk that fills up meanwhile keeps what has arrived" {
	local known

	small_disk
	for known in '' "#sha256=$DIGEST"; do
		filled_up "$known" "$CHUNKED"
		assert_equal "$status" 5
		assert_equal "$(cat nget.err)" \
			"nget: $DISK/song: No space left on device"
		run ls "$DISK"
		refute_line song
		is_true "$DISK/song.part"
		rm "$DISK/ballast"
		completes "$DISK" "$PUPPET/song$known"
	done
}

@test "and who asks before there is room loses nothing of it" {
	local known

	small_disk
	for known in "#sha256=$DIGEST" ''; do
		filled_up "$known" "$CHUNKED"
		get -q -d "$DISK" "$PUPPET/song$known"
		assert_failure 5
		is_true "$DISK/song.part"
		rm "$DISK/ballast"
		completes "$DISK" "$PUPPET/song$known"
		run grep -a '^got: Range' puppet.out
		assert [ "${lines[0]//[^0-9]/}" -ge 290000 ]
	done
}

@test "what was announced may have its room by then, or ends as well" {
	local known

	small_disk
	for known in '' "#sha256=$DIGEST"; do
		filled_up "$known" "send Content-Length: $SIZE\\r\\n\\r\\n"
		if ((status == 0)); then
			run cmp "$DISK/song" "$SONG"
			assert_success
			continue
		fi
		assert_equal "$status" 5
		is_true "$DISK/song.part"
		rm "$DISK/ballast"
		completes "$DISK" "$PUPPET/song$known"
	done
}

@test "a length beyond all disks is an error, not a full disk" {
	peer "$(stuck la $((1 << 60)))"
	get "$PUPPET/song"
	assert_failure 5
	assert_regex "$stderr" 'no room for the .* that the peer announces'
	nothing_left
	peer "$(printf 'head\nsend HTTP/1.1 200 OK\\r\\nContent-Length: 18446744073709551615\\r\\n\\r\\nla\nwait-close')"
	get "$PUPPET/song"
	assert_failure 5
	nothing_left
}

@test "without room for more, what has arrived stays to be gone on from" {
	local body

	body=$(printf 'x%.0s' {1..4000})
	scripted "$(whole "$body" "$ETAG")" 'lines-until Range: bytes=1024-
		expect If-Range: "v1"
		'"$(rest "${body:1024}" 1024 4000 "$ETAG")"
	run --separate-stderr bash -c 'ulimit -f 1 && exec nget "$1"' - "$PUPPET/song"
	assert_failure 5
	assert_equal "$stderr" 'nget: song: File too large'
	has_size song.part 1024
	get "$PUPPET/song"
	assert_success
	assert_equal "$(cat song)" "$body"
	played
}

# --- where nothing may be written -----------------------------------------------

@test "where nothing may be written is told before anybody is asked" {
	need_user
	mkdir -m 555 in
	get_as_user -d in "$DEAD/song"
	assert_failure 5
	assert_equal "$stderr" 'nget: in/song: cannot open its .part: Permission denied'
}

@test "a directory that may be written to no more costs nothing that is there" {
	local known

	need_user
	user_directory
	for known in '' "#sha256=$DIGEST"; do
		rm -f honest in/*
		peer -u honest "head
			send HTTP/1.1 200 OK\\r\\nETag: \"v1\"\\r\\nContent-Length: $SIZE\\r\\n\\r\\n
			part 0 300000 $SONG
			wait-close" "serve $SONG
			wait-close"
		spawn nget "${AS_USER[@]}" nget -d in "$PUPPET/song$known"
		wait_until has_size in/song.part 300000
		kill "$PID"
		finished "$PID"
		chmod 555 in
		touch honest
		get_as_user -d in "$PUPPET/song$known"
		assert_failure 5
		assert_equal "$stderr" 'nget: in/song: Permission denied'
		assert_file_not_exists in/song
		is_true in/song.part
		chmod 755 in
		get_as_user -d in "$PUPPET/song$known"
		assert_success
		run cmp in/song "$SONG"
		assert_success
		run ls -A in
		assert_output song
	done
}
