# What the stories about nget share: scripts of peers, and what is left behind.

bats_require_minimum_version 1.5.0
load common

DEAD=127.0.0.1:1 # where nobody listens
export NAP_INDEX=$DEAD # and nobody knows of other sources
ASIDES=()
ETAG='ETag: "v1"\r\n'

sha256() {
	printf '%s' "$1" | sha256sum | cut -d' ' -f1
}

# repr_digest TEXT: the field that states the digest of TEXT (RFC 9530).
repr_digest() {
	printf 'Repr-Digest: sha-256=:%s:\\r\\n' \
		"$(printf '%b' "$(sha256 "$1" | sed 's/../\\x&/g')" | base64)"
}

# whole BODY [FIELDS]: the script of a peer that sends a file to anyone.
whole() {
	printf 'head\nsend HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n%s\\r\\n%s\nwait-close' \
		${#1} "$2" "$1"
}

# status STATUS [FIELDS]: the script of a peer that answers with it alone.
status() {
	printf 'head\nsend HTTP/1.1 %s\\r\\nContent-Length: 0\\r\\n%s\\r\\n\nwait-close' \
		"$1" "$2"
}

# cut_short BODY LENGTH [FIELDS]: of a peer that sends less than it announces.
cut_short() {
	printf 'head\nsend HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n%s\\r\\n%s\nclose' \
		"$2" "$3" "$1"
}

# stuck BODY LENGTH [FIELDS]: of a peer that then says nothing more.
stuck() {
	printf 'head\nsend HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n%s\\r\\n%s\nwait-close' \
		"$2" "$3" "$1"
}

# rest BODY FIRST TOTAL [FIELDS]: of a peer that sends a file from FIRST on.
rest() {
	printf 'head\nsend HTTP/1.1 206 Partial Content\\r\\nContent-Length: %d\\r\\nContent-Range: bytes %d-%d/%d\\r\\n%s\\r\\n%s\nwait-close' \
		${#1} "$2" $(($2 + ${#1} - 1)) "$3" "$4" "$1"
}

# peer SCRIPT...: a scripted server at PUPPET; what one before it said is forgotten.
peer() {
	: >puppet.out
	start_puppet "$@"
}

# scripted SCRIPT...: a peer with exactly these conversations; see played.
scripted() {
	peer -n $# "$@"
}

# played: all of them took place, and went as they should.
played() {
	wait "$PID" || {
		cat puppet.err >&2
		return 1
	}
}

# get ARGUMENT...: nget, with output and stderr apart.
get() {
	run --separate-stderr nget "$@"
}

# spawn_get ARGUMENT...: nget in the background, NGET is its process.
spawn_get() {
	spawn nget nget "$@"
	NGET=$PID
}

# finished PID: a process that was spawned has ended, as status says.
finished() {
	status=0
	wait "$1" || status=$?
}

has_size() {
	[[ $(stat -c %s "$1" 2>/dev/null) == "$2" ]]
}

at_least() {
	[[ -e $1 ]] && (($(stat -c %s "$1") >= $2))
}

nothing_left() {
	run ls -A
	refute_output --partial .part
}

# interrupted SIGNAL [FIELDS]: song.part has 4 bytes of 10, from PUPPET, whose
# next conversations are the scripts that follow.
interrupted() {
	peer "$(stuck lala 10 "$2")" "${@:3}"
	spawn_get "$PUPPET/song"
	wait_until has_size song.part 4
	kill "-$1" "$NGET"
	finished "$NGET"
}

teardown() {
	local pid

	for pid in "${ASIDES[@]}"; do
		end "$pid"
	done
	common_teardown
}

few_run() {
	local running

	running=($(jobs -pr))
	((${#running[@]} < 16))
}

# aside COMMAND...: in a directory of its own, while others run, though not too
# many; all_well waits for all of them, and fails when one did.
aside() {
	local dir=$BATS_TEST_TMPDIR/aside.$((${#ASIDES[@]} + 1))

	mkdir "$dir"
	wait_until few_run
	(
		cd "$dir"
		PROCESSES=()
		trap common_teardown EXIT
		"$@"
	) >"$dir/said" 2>&1 3>&- &
	ASIDES+=("$!")
}

all_well() {
	local i failed=0

	for ((i = 0; i < ${#ASIDES[@]}; i++)); do
		wait "${ASIDES[i]}" && continue
		failed=1
		echo "aside $((i + 1)):"
		cat "$BATS_TEST_TMPDIR/aside.$((i + 1))/said"
	done
	ASIDES=()
	return $failed
}
