# nget: what hostile peers and indexes say neither puts a wrong file in place nor
# keeps honest ones from ending.

load sources

BUSY='head
	send HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nRetry-After: 1\r\n\r\n
	wait-close'

# liar BYTES: a file of as many, none of which is the song's: LIES is its path.
liar() {
	LIES=$PWD/../lies
	head -c "$1" /dev/zero >"$LIES"
}

# index_says ROW...: a server that knows these holders of the song, and no more.
index_says() {
	local rows

	rows=$(printf "%s\\\\t$SIZE\\\\t1\\\\t$HEX\\\\t1\\\\n" "$@")
	NAME=index start_puppet "line
		send OK 127.0.0.1:0\n
		line
		send $rows
		send END $# $#\n
		wait-close"
	export NAP_INDEX=$PUPPET
}

@test "what one peer stated holds for the next, whatever that speaks" {
	start_indexd
	once "head
		send HTTP/1.1 200 OK\r\nContent-Length: $SIZE\r\n$STATED\r\n
		close"
	other 'head
		close' 'line
		send JUNKJUNK
		close'
	holder "$OTHER"
	get "$PUPPET/song"
	assert_failure 3
	assert_file_not_exists song
	assert_regex "$stderr" "$OTHER/song: digest mismatch"
}

@test "an end before what there is already is none" {
	local second

	for second in 'Transfer-Encoding: chunked\r\n\r\n5\r\nlalal\r\n0\r\n\r\n' \
		'Content-Length: 0\r\n\r\n'; do
		peer 'head
			send HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n
			fill 100
			send \r\n
			close' "head
			send HTTP/1.1 200 OK\r\n$second
			wait-close"
		get --timeout 1 "$PUPPET/song#sha256=$HEX"
		assert_failure 4
		nothing_left
	done
}

@test "who speaks first of the size is not believed for ever" {
	liar 4000000
	peer "serve $LIES"
	other "serve $SONG"
	get -m --digest "sha256:$HEX" "$PUPPET/song" "$OTHER/song"
	assert_success
	is_the_song
}

@test "nor when the other cannot give parts" {
	once 'head
		send HTTP/1.1 200 OK\r\nContent-Length: 4000000\r\n\r\n
		fill 10
		close'
	other "head
		send HTTP/1.1 200 OK\r\nContent-Length: $SIZE\r\n\r\n
		file $SONG
		wait-close"
	get -m --digest "sha256:$HEX" "$PUPPET/song" "$OTHER/song"
	assert_success
	is_the_song
}

@test "what an honest one gave is not lost while it is busy" {
	liar 4000000
	peer "$(first_bytes 1000000)" "$BUSY" "serve $SONG"
	other 'head
		send HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 1000000-3999999/4000000\r\n\r\n
		wait-close' "serve $LIES"
	get -m --digest "sha256:$HEX" "$PUPPET/song" "$OTHER/song"
	assert_success
	is_the_song
	run cat puppet.out
	assert_line 'got: Range: bytes=1000000-'
}

@test "nor is it called a liar when the liar was asked for all" {
	liar "$SIZE"
	peer "$(first_bytes 1000000)" "$BUSY" "serve $SONG"
	other "serve $LIES"
	get -m --digest "sha256:$HEX" "$PUPPET/song" "$OTHER/song"
	assert_success
	is_the_song
	refute [ "${stderr/"$PUPPET/song: what it sent"/}" != "$stderr" ]
}

@test "a size past all disks ends who announces it, and nobody else" {
	peer 'head
		send HTTP/1.1 200 OK\r\nContent-Length: 9000000000000000000\r\n\r\n
		wait-close'
	other "serve $SONG"
	get -m --digest "sha256:$HEX" "$PUPPET/song" "$OTHER/song"
	assert_success
	is_the_song
}

@test "notes of gaps that nothing would verify are not believed" {
	local digest

	for digest in $'size 1000\n' "digest $HEX"$'\n'; do
		peer 'head
			send HTTP/1.1 416 No\r\nContent-Length: 0\r\nContent-Range: bytes */10\r\n\r\n
			wait-close'
		head -c 30 /dev/zero >song.part
		printf 'naputils part 1\nlocator %s/song\netag "v1"\n%sheld 0-10,20-30\nhave 5\n' \
			"$PUPPET" "$digest" >song.part.from
		get --timeout 1 "$PUPPET/song"
		assert_failure
		assert_file_not_exists song
		rm -f song.part*
	done
}

@test "an end that a stranger tells of is none" {
	peer "head
		send HTTP/1.1 200 OK\r\n${ETAG}Transfer-Encoding: chunked\r\n\r\nf4240\r\n
		part 0 1000000 $SONG
		send \r\n
		close" "$BUSY" "serve $SONG"
	other 'head
		send HTTP/1.1 416 No\r\nContent-Length: 0\r\nContent-Range: bytes */1000000\r\n\r\n
		wait-close' 'head
		reset'
	get -m --digest "sha256:$HEX" "$PUPPET/song" "$OTHER/song"
	assert_success
	is_the_song
}

@test "to be busy now and then is no reason to be left" {
	local at scripts=("$(first_bytes 500000)")

	for at in 500000 1000000 1500000 2000000; do
		scripts+=("${BUSY/Retry-After: 1/Retry-After: 0}" "head
			send HTTP/1.1 206 Rest\r\n${ETAG}Content-Range: bytes $at-$((SIZE - 1))/$SIZE\r\n\r\n
			part $at 500000 $SONG
			close")
	done
	peer "${scripts[@]}" "serve $SONG"
	get "$PUPPET/song"
	assert_success
	is_the_song
}

@test "on standard output another goes on when the first has changed its file" {
	peer "$(ETAG="$ETAG$STATED" first_bytes 1000000)" "$(whole lalal)"
	other "$BUSY" "serve $SONG"
	nget -q -m -o - "$PUPPET/song" "$OTHER/song" >song
	is_the_song
}

@test "one that gives nothing but the whole holds up nobody" {
	start_indexd
	mkdir ../share
	head -c 30000000 /dev/zero >../share/song
	HEX=$(sha256sum ../share/song | cut -d' ' -f1)
	start_nshare ../share
	peer 'head
		close' "line
		part 0 4000000 $PWD/../share/song
		wait-close"
	get -m --digest "sha256:$HEX" "$SHARE/song" "$PUPPET/song"
	assert_success
	cmp song ../share/song
}

@test "an index names addresses, not what would have to be looked up" {
	index_says localhost:1/song '[fe80::1%25lo]:9/song' 127.0.0.1:2/../../x
	get -v "$DEAD/song#sha256=$HEX"
	assert_failure 3
	refute [ "${stderr/localhost/}" != "$stderr" ]
}

@test "sixty holders that are nobody are not worth a word each" {
	# shellcheck disable=SC2046
	index_says $(printf '127.0.0.1:%d/song ' {2..61})
	get "$DEAD/song#sha256=$HEX"
	assert_failure 3
	assert_equal "${#stderr_lines[@]}" 1
}
