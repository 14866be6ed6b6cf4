# What is told of transfers: the figures of measure.bash, held to the goals.

# held WORK OURS PEER UNIT FIGURE [COMPARISON GOAL]: a row for what both have a
# figure of.
held() {
	versus "$1 | $3" "$4" "$(median "$2 $5")" "$(median "$3 $5")" \
		"${6:-}" "${7:-}" 'not installed'
}

rows_of_serving() {
	local large at_once server rate cpu

	large="file of $(size "$LARGE_BYTES")"
	held "file of $(size "$SMALL_BYTES") on $CONNECTIONS connections, requests/s" \
		nshare nginx rate 'small rate' '>=' 1.2
	held "… the server's processor time a request" \
		nshare nginx us 'small request'
	held "… the client's" nshare nginx us 'small client'
	for at_once in "${DOWNLOADS[@]}"; do
		for server in "${PEER_SERVERS[@]}"; do
			rate=() cpu=()
			[[ $server != nginx ]] || rate=('>=' 1) cpu=('<=' 1)
			held "$large, $at_once at once, bytes/s" nshare \
				"$server" flow "large $at_once flow" "${rate[@]}"
			held "… the server's processor time a GiB" nshare \
				"$server" s "large $at_once gib" "${cpu[@]}"
		done
	done
}

# rows_of_client TARGET SERVER PEER WORK [GOAL]
rows_of_client() {
	held "$4" nget "$3" time "$1 $2 wall" ${5:+'<='} "${5:-}"
	held '… processor time' nget "$3" time "$1 $2 cpu"
}

rows_of_fetching() {
	local server client work
	local -A goals=([curl]=1 [aria2c]=0.6)

	work="fetch $(size "$LARGE_BYTES")"
	for server in nshare nginx; do
		is_running "$server" || continue
		for client in "${PEER_CLIENTS[@]}"; do
			rows_of_client memory $server "$client" \
				"$work from $server to memory" \
				"${goals[$client]:-}"
		done
	done
	rows_of_client memory wire curl "$work at a gigabit in a second"
	for client in "${PEER_CLIENTS[@]}" curl-sync; do
		rows_of_client disk nshare "$client" "$work to disk"
	done
}

# flow_of WALL: bytes of the large file in a second.
flow_of() {
	quotient "${LARGE_BYTES}e3" "$1"
}

rows_of_hashing() {
	versus "SHA-256 of $(size "$LARGE_BYTES"), bytes/s | openssl" flow \
		"$(flow_of "$(median 'hash wall')")" \
		"$(flow_of "$(median 'openssl wall')")" \
		'>=' 1 'not installed'
}

rows_of_cold_processes() {
	local target

	for target in memory disk; do
		versus "find and fetch $(size "$SMALL_BYTES"), new processes, to $target \
| curl" time "$(median "cold nget $target wall")" \
			"$(median "cold curl $target wall")" \
			'<=' 1 'not installed'
		versus '… processor time | curl' time \
			"$(median "cold nget $target cpu")" \
			"$(median "cold curl $target cpu")"
	done
}

rows_of_sharing() {
	local way
	local -A ways=([plain]='without digests' [known]='digests being known')

	for way in plain known; do
		versus "share $(count "$TREE") files, ${ways[$way]} | find" time \
			"$(median "tree $way wall")" \
			"$(median 'tree find wall')" '<=' 2
		versus "… processor time, without indexd's | find" time \
			"$(median "tree $way cpu")" \
			"$(median 'tree find cpu')"
	done
}

versions_of_transfers() {
	version_of_ours nshare
	version nginx 'nginx/.*' nginx -v
	version darkhttpd 'darkhttpd/[^,]+' darkhttpd --help
	version curl '^curl [^ ]+' curl --version
	version wget '^GNU Wget [^ ]+' wget --version
	version aria2c '^aria2 .*' aria2c --version
	version openssl '^OpenSSL [^ ]+' openssl version
}

how_of_transfers() {
	cat <<-END
		- All over HTTP on loopback, the files in the page cache, the programs
		  in turn; medians of $ROUNDS rounds, of $COLD for new processes.
		- Serving: one thread asks (\`pulls\`), on connections that stay, one
		  request at a time on each; it drops what comes in the kernel. It and
		  the server share the processors. nginx: 2 workers, each with a socket
		  of its own (reuseport), sendfile, tcp_nopush, no access log. The
		  server's processor time is that of all its processes, and has in it
		  what the kernel does for both ends of a loopback connection.
		- Fetching: whole processes. nget and aria2c hold the file against its
		  SHA-256, curl and wget do not. In memory is
		  $(kind_of memory), on disk $(kind_of disk).
		- To disk: nget has the file written down (fsync) before it gives it its
		  name; of the others only curl-sync waits for that, which is curl and
		  then sync of that one file.
		- New processes: the command line by sh, from its start to its end,
		  $(count "$OTHERS") other names being in the index. nget flushes to
		  disk here too.
		- The tree: small files in directories of music, inodes and names in
		  memory, from the start of nshare until it says that it shares them,
		  which is when searches find them. find: -type f -printf '%P %s %T@\n'.
	END
}

# kind_of TARGET: what kind of file system it has.
kind_of() {
	stat -f -c %T "${TARGETS[$1]}"
}

print_transfers() {
	rows_of_serving
	rows_of_fetching
	rows_of_hashing
	rows_of_cold_processes
	rows_of_sharing
	print_section Transfers transfers
	print_goals against
}
