# Peers that fail: they end too early, keep one waiting, send other bytes. What
# nget then does: bad.bash. What they say that makes no sense: bad_answers.bats.

load bad

# --- that end too early ---------------------------------------------------------

@test "one that hangs up, after whatever byte" {
	local n

	for n in 0 1 65536 $((SIZE - 1)); do
		outlive 3 $n "$WHOLE
			part 0 $n $SONG
			close"
	done
	all_well
}

@test "one that hangs up within the head" {
	local head

	for head in H 'HTTP/1.1 200' 'HTTP/1.1 200 OK\r\nContent-Len' \
		'HTTP/1.1 200 OK\r\nETag: "v1"\r\nContent-Length: 200000\r\n\r'; do
		outlive 3 0 "head
			send $head
			close"
		outlive 3 1000 "$CUT" "head
			send $head
			close"
	done
	all_well
}

@test "one that resets the connection" {
	outlive 3 some "$WHOLE
		part 0 100000 $SONG
		reset"
	outlive 3 1000 "$CUT" 'head
		reset'
	all_well
}

@test "one that hangs up in the middle of the rest" {
	outlive 3 1500 "$CUT" "$REST
		send \\r\\n
		part 1000 500 $SONG
		close" "$HUNG_UP"
	all_well
}

@test "one that hangs up in the middle of a chunk, or before the last" {
	local end

	for end in '' '1' '1000\r\n' '0\r\n' '0\r\nX: y\r\n'; do
		outlive 3 1000 "$CHUNKED
			send 3e8\\r\\n
			part 0 1000 $SONG
			send \\r\\n$end
			close" "$HUNG_UP"
	done
	outlive 3 1000 "$CHUNKED
		send 3e8\\r\\n
		part 0 1000 $SONG
		close" "$HUNG_UP"
	outlive 3 999 "$CHUNKED
		send 3e8\\r\\n
		part 0 999 $SONG
		close" "$HUNG_UP"
	all_well
}

# --- that keep one waiting ------------------------------------------------------

impatient() {
	TIMEOUT=${NAP_SANITIZED:+5}
	TIMEOUT=${TIMEOUT:-2}
}

@test "one that never answers, or stalls" {
	impatient
	outlive 3 0 "$SILENT"
	outlive 3 1000 "$CUT" "$SILENT"
	outlive 3 0 'head
		send HTTP/1.1 200 OK\r\nETag: "v1"\r\n
		wait-close'
	outlive 3 1000 "$WHOLE
		part 0 1000 $SONG
		wait-close" "$SILENT"
	outlive 3 1000 "$CHUNKED
		send 3e9\\r\\n
		part 0 1000 $SONG
		wait-close" "$SILENT"
	all_well
}

# cpu_of PID: the time it has worked, in hundredths of a second.
cpu_of() {
	local fields

	read -r -a fields <"/proc/$1/stat"
	echo $((fields[13] + fields[14]))
}

@test "one that trickles is alive, costs nothing and can be left" {
	local before

	peer -u honest "$WHOLE
		trickle 400 $SONG" "serve $SONG
		wait-close"
	spawn_get --timeout 3 "$PUPPET/song"
	wait_until at_least song.part 1
	before=$(cpu_of "$NGET")
	# For longer than the time-out.
	wait_until at_least song.part 10
	(($(cpu_of "$NGET") - before <= 20))
	kill "$NGET"
	finished "$NGET"
	assert_equal "$status" $((128 + $(kill -l TERM)))
	assert_file_empty nget.err
	is_true some

	length=$(stat -c %s song.part)
	touch honest
	get "$PUPPET/song"
	assert_success
	run cmp song "$SONG"
	assert_success
	nothing_left
	asked_from "$length"
}

# --- that send other bytes ------------------------------------------------------

# brings FILE SCRIPT...: nget brings that file from a peer that follows the scripts.
brings() {
	peer "${@:2}"
	get -q "$PUPPET/song"
	assert_success
	run cmp song "$1"
	assert_success
	nothing_left
}

@test "one that answers a range with the whole file" {
	aside brings "$SONG" "$CUT" "$WHOLE
		file $SONG
		wait-close"
	outlive 3 some "$CUT" "$WHOLE
		part 0 500 $SONG
		close" "$HUNG_UP"
	all_well
}

@test "one whose file changes between two ranges" {
	local changed rest new=$PWD/new

	seq 2 100001 | head -c $SIZE >"$new"
	changed="head
		send HTTP/1.1 200 OK\\r\\nETag: \"v2\"\\r\\nContent-Length: $SIZE\\r\\n\\r\\n
		file $new
		wait-close"
	rest="Content-Range: bytes 1000-$((SIZE - 1))"
	aside brings "$new" "$CUT" "$changed"
	for rest in "ETag: \"v2\"\\r\\n$rest/$SIZE" \
		"ETag: \"v1\"\\r\\n$rest/$((SIZE + 1))"; do
		aside brings "$new" "$CUT" "head
			send HTTP/1.1 206 Rest\\r\\n$rest\\r\\n\\r\\n
			part 1000 $SIZE $new
			close" "$changed"
	done
	aside brings "$new" "$CUT" 'head
		send HTTP/1.1 416 No\r\nContent-Range: bytes */900\r\n\r\n
		close' "$changed"
	outlive_known 4 0 "$CUT" "$changed"
	all_well
}

@test "one that sends wrong bytes" {
	outlive_known 4 0 "$WHOLE
		fill $SIZE
		wait-close"
	outlive_known 4 0 "$WHOLE
		part 0 100000 $SONG
		fill 1
		part 100001 $SIZE $SONG
		wait-close"
	all_well
}

@test "one that ends with wrong bytes what another has begun well" {
	outlive_known 4 0 "$CUT" "$REST
		send \\r\\n
		fill $((SIZE - 1000))
		close" "$WHOLE
		fill $SIZE
		wait-close"
	all_well
}
