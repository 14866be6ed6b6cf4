# Peers whose answers make no sense, or have another one than was asked for. What
# nget then does: bad.bash.

load bad

# These are refused without a digest, which would show in the end what is wrong.
#
# refused LENGTH SCRIPT: an answer that has brought LENGTH bytes by then.
refused() {
	aside fail_once '' 6 "$1" "$2"
}

# refused_rest SCRIPT: an answer to whom the rest is missing.
refused_rest() {
	refused_after 1000 "$1"
}

# refused_after LENGTH SCRIPT: the same, having brought the bytes up to there.
refused_after() {
	aside fail_once '' 6 "$1" "$CUT" "$2"
}

# --- that lie about the length --------------------------------------------------

@test "one that states two lengths" {
	local fields

	for fields in "Content-Length: $SIZE\\r\\nContent-Length: 5" \
		"Content-Length: $SIZE, 5" \
		"Content-Length: $SIZE\\r\\nTransfer-Encoding: chunked"; do
		refused 0 "head
			send HTTP/1.1 200 OK\\r\\nETag: \"v1\"\\r\\n$fields\\r\\n\\r\\n
			file $SONG
			wait-close"
		refused_rest "$REST
			send $fields\\r\\n\\r\\n
			part 1000 $SIZE $SONG
			wait-close"
	done
	all_well
}

@test "one that states what is no length" {
	local length

	for length in -1 0x30d40 200000x '' 18446744073709551616; do
		refused 0 "head
			send HTTP/1.1 200 OK\\r\\nContent-Length: $length\\r\\n\\r\\n
			file $SONG
			wait-close"
		refused_rest "$REST
			send Content-Length: $length\\r\\n\\r\\n
			part 1000 $SIZE $SONG
			wait-close"
	done
	all_well
}

@test "one that announces less than the file has, or more" {
	outlive_known 4 0 "head
		send HTTP/1.1 200 OK\\r\\nETag: \"v1\"\\r\\nContent-Length: 5\\r\\n\\r\\n
		file $SONG
		wait-close"
	outlive_known 4 0 "head
		send HTTP/1.1 200 OK\\r\\nETag: \"v1\"\\r\\nContent-Length: $((SIZE + 5))\\r\\n\\r\\n
		file $SONG
		send extra
		wait-close"
	all_well
}

@test "one whose chunks have sizes that are none, or overflow" {
	local size

	for size in '' -1 0x5 5g '5 5' 10000000000000005; do
		refused 1000 "$CHUNKED
			send 3e8\\r\\n
			part 0 1000 $SONG
			send \\r\\n$size\\r\\n
			part 1000 5 $SONG
			send \\r\\n0\\r\\n\\r\\n
			wait-close"
		refused_rest "$CHUNKED_REST
			send $size\\r\\n
			part 1000 5 $SONG
			send \\r\\n0\\r\\n\\r\\n
			wait-close"
	done
	all_well
}

@test "one whose chunk is longer than any file" {
	local size

	for size in 8000000000000000 ffffffffffffffff; do
		refused 1000 "$CHUNKED
			send 3e8\\r\\n
			part 0 1000 $SONG
			send \\r\\n$size\\r\\n
			part 1000 5 $SONG
			send \\r\\n0\\r\\n\\r\\n
			close"
		refused_rest "$CHUNKED_REST
			send $size\\r\\n
			part 1000 5 $SONG
			send \\r\\n0\\r\\n\\r\\n
			close"
	done
	all_well
}

@test "one whose chunks do not end where they should" {
	refused 1000 "$CHUNKED
		send 3e8\\r\\n
		part 0 1005 $SONG
		send \\r\\n0\\r\\n\\r\\n
		wait-close"
	refused_after 2000 "$CHUNKED_REST
		send 3e8\\r\\n
		part 1000 1005 $SONG
		wait-close"
	all_well
}

# --- that never come to the point -----------------------------------------------

@test "one that sends a head without end" {
	local head

	for head in 'HTTP/1.1 200 OK\r\nX:' 'HTTP/1.1 ' ''; do
		refused 0 "head
			send $head
			fill 10000000"
		refused_rest "head
			send $head
			fill 10000000"
	done
	all_well
}

@test "one that sends a chunk's size or a trailer without end" {
	local begin

	for begin in '5;' '0\r\nX: '; do
		refused 1000 "$CHUNKED
			send 3e8\\r\\n
			part 0 1000 $SONG
			send \\r\\n$begin
			fill 10000000"
		refused_rest "$CHUNKED_REST
			send $begin
			fill 10000000"
	done
	all_well
}

@test "one that sends interim answers without end" {
	local interims='HTTP/1.1 100 Continue\r\n\r\n'

	interims=$interims$interims$interims$interims
	interims=$interims$interims$interims$interims$interims
	refused 0 "head
		send $interims
		wait-close"
	refused_rest "head
		send $interims
		wait-close"
	all_well
}

# --- that answer something else -------------------------------------------------

@test "one that answers without a status line" {
	local answer

	for answer in 'la la\n' 'ICY 200 OK\r\n\r\n' 'HTTP/2.0 200 OK\r\n\r\n' \
		'HTTP/1.1\r\n\r\n' '\0'; do
		refused 0 "head
			send $answer
			file $SONG
			wait-close"
		refused_rest "head
			send $answer
			part 1000 $SIZE $SONG
			wait-close"
	done
	all_well
}

@test "one that redirects, which nobody follows" {
	local to

	NAME=elsewhere start_puppet line
	to=$PUPPET
	for code in 301 302 307; do
		refused 0 "head
			send HTTP/1.1 $code Moved\\r\\nLocation: http://$to/song\\r\\n
			send Content-Length: 0\\r\\n\\r\\n
			wait-close"
		refused_rest "head
			send HTTP/1.1 $code Moved\\r\\nLocation: http://$to/song\\r\\n
			send Content-Length: 0\\r\\n\\r\\n
			wait-close"
	done
	all_well
	assert_equal "$(cat elsewhere.out)" "puppet: listening on $to"
}

@test "one that has the file no more, or keeps it to itself" {
	local answer

	for answer in 404:1 410:1 401:6 403:6 500:6 204:6 304:6; do
		outlive "${answer#*:}" 1000 "$CUT" "head
			send HTTP/1.1 ${answer%:*} No\\r\\nContent-Length: 0\\r\\n\\r\\n
			wait-close"
	done
	all_well
}

@test "one that sends another part than the one asked for" {
	local range

	for range in 0-199999/200000 999-199999/200000 1001-199999/200000 \
		1000-999/200000 1000-200000/200000 '*/200000'; do
		refused_rest "head
			send HTTP/1.1 206 Rest\\r\\nContent-Range: bytes $range\\r\\n\\r\\n
			part 1000 $SIZE $SONG
			close"
	done
	refused_rest "head
		send HTTP/1.1 206 Rest\\r\\n\\r\\n
		part 1000 $SIZE $SONG
		close"
	refused_rest "head
		send HTTP/1.1 206 Rest\\r\\n
		send Content-Type: multipart/byteranges; boundary=x\\r\\n\\r\\n
		send --x\\r\\nContent-Range: bytes 1000-1004/$SIZE\\r\\n\\r\\n
		part 1000 5 $SONG
		send \\r\\n--x--\\r\\n
		close"
	all_well
}

@test "one that packs the rest" {
	refused_rest "$REST
		send Content-Encoding: gzip\\r\\n\\r\\n
		fill 100
		close"
	refused_rest "$REST
		send Transfer-Encoding: gzip, chunked\\r\\n\\r\\n
		send 64\\r\\n
		fill 100
		send \\r\\n0\\r\\n\\r\\n
		close"
	all_well
}
