# What the stories of bad peers share: the song, how such peers begin, and what
# holds whatever they do. nget ends with the status of nget(1), nothing has the
# file's name, what lies in its .part is true to the byte, and from an honest peer
# the rest completes it.

load nget

SIZE=200000
TIMEOUT=30

setup() {
	common_setup
	SONG=$PWD/whole
	seq 1 100000 | head -c $SIZE >"$SONG"
	DIGEST=$(sha256sum <"$SONG" | cut -d' ' -f1)
	WHOLE="head
		send HTTP/1.1 200 OK\\r\\nETag: \"v1\"\\r\\nContent-Length: $SIZE\\r\\n\\r\\n"
	CHUNKED='head
		send HTTP/1.1 200 OK\r\nETag: "v1"\r\nTransfer-Encoding: chunked\r\n\r\n'
	# What most begin with: the first thousand bytes arrive.
	CUT="$WHOLE
		part 0 1000 $SONG
		close"
	REST="head
		send HTTP/1.1 206 Rest\\r\\nContent-Range: bytes 1000-$((SIZE - 1))/$SIZE\\r\\n$ETAG"
	CHUNKED_REST="$REST
		send Transfer-Encoding: chunked\\r\\n\\r\\n"
	HUNG_UP='head
		close'
	SILENT='head
		wait-close'
}

# is_true LENGTH: song.part has so many bytes of the song, or any with "some".
is_true() {
	local length=$1

	if [[ $length == some ]]; then
		length=$(stat -c %s song.part 2>/dev/null || echo 0)
	fi
	if ((length == 0)); then
		nothing_left
		return
	fi
	has_size song.part "$length" || fail "not $length bytes: $(ls -l)"
	run cmp -n "$length" song.part "$SONG"
	assert_success
}

# asked_from LENGTH: the honest peer was, for what lay behind those bytes.
asked_from() {
	run grep -a '^got: Range' puppet.out
	case $1 in
	0) refute_output ;;
	some) ;;
	*) assert_output "got: Range: bytes=$1-" ;;
	esac
}

# fail_once FRAGMENT STATUS LENGTH SCRIPT...: from a peer that follows the
# scripts, and the last again and again, nget brings LENGTH bytes of the song and
# returns STATUS. From the honest one that then is there it brings the rest.
fail_once() {
	peer -u honest "${@:4}" "serve $SONG
		wait-close"
	get -q --timeout $TIMEOUT "$PUPPET/song$1"
	assert_failure "$2"
	assert_equal "${#stderr_lines[@]}" 1
	refute_output
	assert_file_not_exists song
	is_true "$3"

	touch honest
	get "$PUPPET/song$1"
	assert_success
	assert_output song
	assert_equal "$stderr" ''
	run cmp song "$SONG"
	assert_success
	nothing_left
	asked_from "$3"
}

# outlive STATUS LENGTH SCRIPT...: as fail_once, with what the peer says of the
# file alone, and with a digest that is known.
outlive() {
	aside fail_once '' "$@"
	outlive_known "$@"
}

outlive_known() {
	aside fail_once "#sha256=$DIGEST" "$@"
}
