# Serving and fetching: nshare beside nginx and darkhttpd, nget beside curl, wget
# and aria2c, our SHA-256 beside openssl's, and a whole tree beside find.
#
#	BENCH_BYTES     the large file
#	BENCH_REQUESTS  how often the small file is asked for in a turn
#	BENCH_TREE      files of the tree
#	BENCH_COLD      how often a small file is fetched by new processes
#	BENCH_MEMORY    where large files are put that no disk is to delay
#	                (/dev/shm, or else TMPDIR)

LARGE_BYTES=${BENCH_BYTES:-$(usually $((1 << 30)) $((16 << 20)))}
REQUESTS=${BENCH_REQUESTS:-$(usually 100000 5000)}
TREE=${BENCH_TREE:-$(usually 200000 2000)}
COLD=${BENCH_COLD:-$(usually 30 3)}
MEMORY=${BENCH_MEMORY:-/dev/shm}

SMALL_BYTES=4096
CONNECTIONS=64           # for the small file
SMALL_TURNS=$(usually 5 1) # of each server in a round
DOWNLOADS=(1 8)          # of the large file, so many at once
LARGE_TURNS=$(usually 2 1)
LARGE_REQUESTS=2         # at least, in a turn
HASH_TURNS=$(usually 3 1)
OTHERS=10000             # names in the index, beside ours
OTHER_PEERS=100

SMALL=song.mp3
LARGE_FILE=large.bin
PEER_SERVERS=(nginx darkhttpd)
PEER_CLIENTS=(curl wget aria2c)

# shellcheck source=tests/bench/transfers/servers.bash
source "$HERE/transfers/servers.bash"
# shellcheck source=tests/bench/transfers/report.bash
source "$HERE/transfers/report.bash"

# time_of TAG COMMAND...: run it once; note "TAG wall" and "TAG cpu", in
# milliseconds. OPTIONS are those of timed.
time_of() {
	local wall cpu

	"$TOOLS/timed" "${OPTIONS[@]}" 1 "${@:2}" >"$TMP/timed.out" ||
		fail "this does not work: ${*:2}"
	read -r wall _ _ cpu <"$TMP/timed.out"
	note "$1 wall" "$wall"
	note "$1 cpu" "$cpu"
}
OPTIONS=()

gib_of() {
	quotient "$1" $((1 << 30))
}

# pull TAG SERVER FILE BYTES CONNECTIONS REQUESTS: note "TAG rate" and "TAG flow",
# requests and bytes in a second, "TAG request" and "TAG gib", what one of them
# costs the server in µs and s, and "TAG client", what a request costs pulls.
pull() {
	local pids seconds client server

	read -ra pids <<<"${SERVERS[$2]}"
	"$TOOLS/transfers/pulls" "${PORTS[$2]}" "/$3" "$4" "$5" "$6" \
		"${pids[@]}" >"$TMP/pulls.out"
	read -r seconds client server <"$TMP/pulls.out"
	note "$1 rate" "$(quotient "$6" "$seconds")"
	note "$1 flow" "$(quotient $(($6 * $4)) "$seconds")"
	note "$1 request" "$(quotient "${server}e6" "$6")"
	note "$1 client" "$(quotient "${client}e6" "$6")"
	note "$1 gib" "$(quotient "$server" "$(gib_of $(($6 * $4)))")"
}

# The files that are shared, TARGETS where fetched ones are put, and DIGEST.
make_files() {
	local memory

	say "making a file of $(size "$LARGE_BYTES")"
	SHARED=$TMP/shared
	mkdir "$SHARED" "$TMP/disk"
	head -c "$SMALL_BYTES" /dev/urandom >"$SHARED/$SMALL"
	head -c "$LARGE_BYTES" /dev/urandom >"$SHARED/$LARGE_FILE"
	DIGEST=$("$TOOLS/transfers/hash" "$SHARED/$LARGE_FILE")
	memory=$(mktemp -d -p "$MEMORY" 2>/dev/null) || memory=$(mktemp -d)
	DIRECTORIES+=("$memory")
	declare -gA TARGETS=([memory]=$memory [disk]=$TMP/disk)
}

# All that are installed: RUNNING.
start_servers() {
	local server

	start_indexd
	RUNNING=()
	for server in nshare "${PEER_SERVERS[@]}"; do
		[[ $server == nshare ]] || have "$server" || continue
		"start_$server"
		RUNNING+=("$server")
	done
}

is_running() {
	[[ " ${RUNNING[*]} " == *" $1 "* ]]
}

end_servers() {
	local server

	for server in "${RUNNING[@]}"; do
		end "${SERVERS[$server]%% *}"
	done
	end "$INDEXD"
}

serve_small_in_turn() {
	local turn server

	say "a file of $(size "$SMALL_BYTES") on $CONNECTIONS connections"
	for ((turn = 0; turn < ROUNDS * SMALL_TURNS; turn++)); do
		for server in nshare nginx; do
			is_running "$server" || continue
			pull "$server small" "$server" "$SMALL" "$SMALL_BYTES" \
				"$CONNECTIONS" "$REQUESTS"
		done
	done
}

serve_large_in_turn() {
	local turn server at_once requests

	for at_once in "${DOWNLOADS[@]}"; do
		say "a file of $(size "$LARGE_BYTES"), $at_once at once"
		requests=$((at_once > LARGE_REQUESTS ? at_once : LARGE_REQUESTS))
		for ((turn = 0; turn < ROUNDS * LARGE_TURNS; turn++)); do
			for server in "${RUNNING[@]}"; do
				pull "$server large $at_once" "$server" \
					"$LARGE_FILE" "$LARGE_BYTES" \
					"$at_once" "$requests"
			done
		done
	done
}

# fetch_command CLIENT URL FILE: the COMMAND that fetches the large file.
fetch_command() {
	case $1 in
	nget) COMMAND=("$BUILD/nget/nget" -q --digest "sha256:$DIGEST"
		-o "$3" "$2") ;;
	curl) COMMAND=(curl -q -s -f -o "$3" "$2") ;;
	curl-sync) COMMAND=(sh -c 'curl -q -s -f -o "$1" "$0" && sync "$1"'
		"$2" "$3") ;;
	wget) COMMAND=(wget --no-config --no-hsts -q -O "$3" "$2") ;;
	aria2c) COMMAND=(aria2c --no-conf -q --file-allocation=none
		"--checksum=sha-256=$DIGEST" -d "${3%/*}" -o "${3##*/}" "$2") ;;
	esac
}

# fetch CLIENT SERVER TARGET: note "CLIENT TARGET SERVER wall" and cpu. What was
# written before and what is in its way is not its business.
fetch() {
	local to=${TARGETS[$3]}/fetched.bin

	rm -f "$to"
	[[ $3 != disk ]] || sync -f "$TMP"
	fetch_command "$1" \
		"http://127.0.0.1:${PORTS[$2]}/${PREFIXES[$2]:-}$LARGE_FILE" "$to"
	time_of "$1 $3 $2" "${COMMAND[@]}"
	cmp -s "$SHARED/$LARGE_FILE" "$to" || fail "$1 fetched something else"
	rm "$to"
}

fetch_in_turn() {
	local round server client clients=(nget)

	for client in "${PEER_CLIENTS[@]}"; do
		! have "$client" || clients+=("$client")
	done
	for ((round = 1; round <= ROUNDS; round++)); do
		say "fetching it, round $round of $ROUNDS"
		for client in "${clients[@]}"; do
			fetch "$client" nshare memory
			! is_running nginx || fetch "$client" nginx memory
			fetch "$client" nshare disk
		done
		have curl || continue
		fetch curl-sync nshare disk
		is_running nginx || continue
		fetch nget wire memory
		fetch curl wire memory
	done
}

hash_in_turn() {
	local turn

	say "hashing it"
	for ((turn = 0; turn < ROUNDS * HASH_TURNS; turn++)); do
		time_of 'hash' "$TOOLS/transfers/hash" "$SHARED/$LARGE_FILE"
		! have openssl ||
			time_of openssl openssl dgst -sha256 \
				"$SHARED/$LARGE_FILE"
	done
}

# cold TAG TARGET SCRIPT: run it there by a new shell; it fetches the small file.
cold() {
	rm -f "${TARGETS[$2]}/$SMALL"
	pushd "${TARGETS[$2]}" >/dev/null || return
	time_of "cold $1 $2" sh -c "$3"
	popd >/dev/null || return
	cmp -s "$SHARED/$SMALL" "${TARGETS[$2]}/$SMALL" ||
		fail "this fetched something else: $3"
}

cold_in_turn() {
	local turn target url="http://127.0.0.1:${PORTS[nshare]}/$SMALL"
	local -x PATH=$BUILD/nfind:$BUILD/nget:$PATH NAP_INDEX=127.0.0.1:$INDEX

	spawn load "$TOOLS/index/load" nap2 "$INDEX" "$OTHER_PEERS" shuffled \
		"$OTHERS"
	await_line "$PID" "$TMP/load.out" '^load: done' ||
		fail "names were not registered: $(cat "$TMP/load.err")"
	say 'fetching a small file with new processes'
	for ((turn = 0; turn < COLD; turn++)); do
		for target in memory disk; do
			cold nget $target "nfind ${SMALL%.*} | head -1 | xargs nget"
			! have curl || cold curl $target "curl -q -s -f -O $url"
		done
	done
	end "$PID"
}

# make_tree DIR COUNT: small files in directories.
make_tree() {
	say "making a tree of $(count "$2") files"
	"$TOOLS/songs" sequential "$2" >"$TMP/names.txt"
	mkdir "$1"
	pushd "$1" >/dev/null || return
	sed 's,/[^/]*$,,' "$TMP/names.txt" | sort -u | xargs -d '\n' mkdir -p
	awk '{ print >$0; close($0) }' "$TMP/names.txt"
	popd >/dev/null || return
	rm "$TMP/names.txt"
}

# share_command DIR [OPTION...]: the COMMAND that shares it at the index.
share_command() {
	COMMAND=("$BUILD/nshare/nshare" -I "127.0.0.1:$INDEX" -l 127.0.0.1
		-p 0 "${@:2}" "$1")
}

# share TAG DIR [OPTION...]: until searches find all files. The index is new.
share() {
	start_indexd
	share_command "${@:2}"
	OPTIONS=(-u "sharing $TREE files of ")
	time_of "$1" "${COMMAND[@]}"
	OPTIONS=()
	end "$INDEXD"
}

# hash_tree DIR: so that all its digests are known from now on.
hash_tree() {
	say 'hashing the tree'
	start_indexd
	share_command "$1" -v
	spawn hasher "${COMMAND[@]}"
	await_line "$PID" "$TMP/hasher.err" 'no digest is missing' ||
		fail "the tree is not hashed: $(tail "$TMP/hasher.err")"
	end "$PID"
	end "$INDEXD"
}

share_in_turn() {
	local turn tree=$TMP/tree

	make_tree "$tree" "$TREE"
	hash_tree "$tree"
	say 'sharing the tree'
	for ((turn = 0; turn < ROUNDS * 2; turn++)); do
		time_of 'tree find' \
			find "$tree" -type f -printf '%P %s %T@\n'
		share 'tree plain' "$tree" --no-hash
		share 'tree known' "$tree"
	done
	rm -r "$tree"
}

measure_transfers() {
	local -x XDG_CACHE_HOME=$TMP/cache XDG_CONFIG_HOME=$TMP/config

	unset NAP_INDEX {http,all}_proxy {HTTP,ALL}_PROXY
	make_files
	start_servers
	serve_small_in_turn
	serve_large_in_turn
	fetch_in_turn
	cold_in_turn
	end_servers
	hash_in_turn
	share_in_turn
}
