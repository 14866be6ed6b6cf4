# What the stories about several sources share: a song, peers that have it, and
# an index that knows them.

load nget

setup() {
	common_setup
	head -c 3000000 /dev/urandom >song
	HEX=$(sha256sum song | cut -d' ' -f1)
	SIZE=$(stat -c %s song)
	SONG=$PWD/song
	STATED='Repr-Digest: sha-256=:'$(printf '%b' "$(sed 's/../\\x&/g' <<<"$HEX")" |
		base64 -w0)':\r\n'
	mkdir in
	cd in || return
}

# holder ADDRESS [PATH]: an index says for the time of the test that a peer at
# ADDRESS has the song there.
holder() {
	local port=${1##*:}

	printf '%s\n' "HELLO $port nap/2" "ADD $SIZE 1 $HEX ${2:-song}" SYNC \
		>"../holder$port.in"
	talk "${INDEX%:*}" "${INDEX##*:}" -w -t 600 <"../holder$port.in" \
		>"../holder$port.out" 2>&1 3>&- &
	PROCESSES+=("$!")
	wait_for_line "../holder$port.out" '^OK [0-9]+ 0$'
}

# other SCRIPT...: another peer, OTHER is its address. Indexes find out whether
# it can be connected to, which is not for the scripts.
other() {
	local first=$PUPPET pid=$PID

	NAME=other start_puppet -k "$@"
	OTHER=$PUPPET
	PUPPET=$first
	PID=$pid
}

is_the_song() {
	cmp song "$SONG"
	nothing_left
}

# first_bytes N: the script of a peer that sends so many and hangs up.
first_bytes() {
	printf 'head\nsend HTTP/1.1 200 OK\\r\\n%sContent-Length: %d\\r\\n\\r\\n\npart 0 %d %s\nclose' \
		"$ETAG" "$SIZE" "$1" "$SONG"
}

# once SCRIPT: a peer that plays it once, and then knows only resets.
once() {
	peer "$1" 'head
		reset'
}
