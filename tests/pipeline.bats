# The whole pipeline on real files: indexd, nshare, nfind, nget.

load common

# hostile_names DIR: 200 files whose names have hurt programs before.
hostile_names() {
	local i name dir=$1

	mkdir -p "$dir/a dir/-rf" "$dir/%2e%2e" "$dir/"$'\xff'
	while IFS= read -r -d '' name; do
		printf '%s' "content of $name" >"$dir/$name" || return
	done < <(
		printf '%s\0' ' lead' 'trail ' 'two  blanks' "it's" '"quoted"' \
			'back\slash' '100%' '%41' '%2f' '%00' '#hash' 'a#sha256=x' \
			'?query' 'a?b=c&d' -n -rf --help '$HOME' '`id`' '$(id)' \
			'a;b' 'a|b' 'a>b' '*' '[a]' '{a,b}' '~' '!' 'a&b' 'a:80' \
			':' '@' '=' '+' ',' 'x...' 'a..b' 'http:' 'END' 'END 1 1' \
			'ERR x' 'x.mp3.' 'é' $'e\xcc\x81' '日本語' 'Ж' '😀' \
			$'\xff\xfe' $'caf\xe9' $'\xc0\xaf' $'\xed\xa0\x80' \
			'a dir/b c' 'a dir/-rf/-n' '%2e%2e/x' $'\xff/x' \
			"$(head -c 255 /dev/zero | tr '\0' n)" \
			"$(head -c 254 /dev/zero | tr '\0' ' ')x"
	)
	i=$(find "$dir" -type f | wc -l)
	while ((i < 200)); do
		i=$((i + 1))
		printf '%s' "$i" >"$dir/no \"$i\" 'of' \\many% #?"
	done
}

# fetch_all DIR: through the pipeline, everything that any word of every file
# finds; each file's directories are made again below DIR.
fetch_all() {
	local locator path

	while IFS= read -r locator; do
		path=${locator#*/}
		path=$(printf '%b' "${path//%/\\x}")
		mkdir -p "$1/$(dirname -- "$path")"
		nget -q -d "$1/$(dirname -- "$path")" -- "$locator" || return
	done
}

@test "register, find, pick, fetch" {
	mkdir -p music/Album in
	echo la >'music/Album/My Song.mp3'
	start_indexd
	start_nshare music
	cd in
	run bash -c 'set -o pipefail; nfind song | head -1 | xargs nget'
	assert_success
	assert_output 'My Song.mp3'
	run cmp 'My Song.mp3' '../music/Album/My Song.mp3'
	assert_success
}

@test "the same over IPv6" {
	mkdir music in
	echo la >'music/My Song.mp3'
	start_indexd -l '[::1]:0'
	start_nshare music
	cd in
	run bash -c 'set -o pipefail; nfind song | head -1 | xargs nget'
	assert_success
	run cmp 'My Song.mp3' '../music/My Song.mp3'
	assert_success
}

@test "an index on IPv4 and IPv6 shows a peer to the clients of both" {
	mkdir music
	echo la >music/song
	start_indexd -l 127.0.0.1:0 -l '[::1]:0'
	wait_for_line indexd.err '\[::1\]'
	six=${MATCH##* }
	start_nshare music
	run nfind song
	assert_output --regexp '^127\.0\.0\.1:[0-9]+/song$'
	run nfind -I "$six" song
	assert_output --regexp '^\[::1\]:[0-9]+/song$'
}

@test "200 files of hostile names travel byte-exact, over IPv4 and IPv6" {
	mkdir share
	hostile_names share
	assert_equal "$(find share -type f | wc -l)" 200
	for host in 127.0.0.1 '[::1]'; do
		rm -rf got
		mkdir got
		start_indexd -l "$host:0"
		start_nshare share
		nget --list "$SHARE" >locators
		assert_equal "$(grep -cF "$host:" locators)" 200
		run fetch_all got <locators
		assert_success
		run diff -r share got
		assert_success
		end "$NSHARE"
		end "$INDEXD"
	done
}

@test "every hostile name with a letter or digit is found by its words" {
	mkdir share
	hostile_names share
	start_indexd
	start_nshare share
	find share -type f -printf '%P\0' >names
	while IFS= read -r -d '' name; do
		[[ $name == *[[:alnum:]]* || $name == *[$'\x80'-$'\xff']* ]] ||
			continue
		LC_ALL=C nfind -n 10000 -l -- "$name" >rows || fail "$name"
		LC_ALL=C.UTF-8 nfind -q --exact "$name" || fail "exact: $name"
	done <names
}

@test "names with LF or control bytes are skipped with a warning" {
	mkdir share
	echo x >share/$'a\nb'
	echo x >share/$'esc\e[31m'
	echo x >share/good
	start_indexd
	start_nshare share
	assert_regex "$(cat nshare.err)" 'sharing 1 files'
	run cat nshare.err
	assert_output --partial 'a\x0ab'
	refute_output --partial $'\e'
}

@test "an empty file arrives" {
	mkdir share in
	: >share/empty
	start_indexd
	start_nshare share
	cd in
	nfind empty | xargs nget
	assert_file_empty empty
}

@test "a file of 5 GiB arrives whole" {
	mkdir share in
	truncate -s 5G share/large
	printf end | dd of=share/large bs=1 seek=$((5 * 1024 ** 3 - 3)) \
		conv=notrunc status=none
	start_indexd
	start_nshare share
	cd in
	nfind large | xargs nget
	run cmp large ../share/large
	rm -f large
	assert_success
}

@test "nshare -d returns when searches find the files" {
	mkdir share
	echo x >share/song
	start_indexd
	nshare -d -p 0 "$PWD/share" 2>nshare.err
	# No other process shares a directory of this test.
	PROCESSES+=("$(pgrep -f "^nshare -d -p 0 $PWD/share$")")
	run nfind song
	assert_success
}

@test "a peer that is killed is gone from the next search" {
	mkdir share
	echo x >share/song
	start_indexd
	start_nshare share
	nfind -q song
	kill -KILL "$NSHARE"
	wait_until bash -c '! nfind -q song'
	run nfind song
	assert_failure 1
}

@test "a peer registers again when the index restarts" {
	mkdir share
	echo x >share/song
	start_indexd
	start_nshare share
	end "$INDEXD"
	run nfind song
	assert_failure 2
	start_indexd -l "$INDEX"
	wait_until nfind -q song
}

@test "two peers with one file: each client gets an answer, and a peer's own comes last" {
	mkdir a b
	echo x >a/song
	echo x >b/song
	start_indexd
	NAME=a start_nshare a
	NAME=b start_nshare b
	run nfind song
	assert_equal "${#lines[@]}" 2
	run nfind --peers song
	assert_equal "${#lines[@]}" 2
}

@test "a reader that leaves is success under pipefail" {
	mkdir share
	for ((i = 0; i < 3000; i++)); do
		: >"share/song number $i with a long name to fill the pipe soon"
	done
	start_indexd
	start_nshare share
	run bash -c 'set -o pipefail; nfind -n 10000 song | head -1'
	assert_success
	refute_output --partial nfind:
}

@test "1,000 peers with 1,000 files each are found, vanish, and give memory back" {
	rss() {
		awk '/^VmRSS/ { print $2 }' "/proc/$INDEXD/status"
	}
	matches() {
		printf 'FIND limit=0 -- track\n' | say "$INDEX" -t 120
	}
	settled() {
		[[ $(matches) == 'END 0 0' ]]
	}
	back() {
		(($(rss) * 10 <= before * 15))
	}

	start_indexd
	mkdir share
	echo x >share/first
	start_nshare share
	matches
	before=$(rss)
	mkfifo hold
	swarm "${INDEX%:*}" "${INDEX##*:}" 1000 1000 <hold >swarm.out 3>&- &
	swarm=$!
	PROCESSES+=("$swarm")
	exec 9>hold
	wait_for_line swarm.out ready
	assert_equal "$(matches)" 'END 0 1000000'
	for peer in 0 500 999; do
		run nfind --timeout 120 --exact "peer $peer/a song of some length, track $peer of many.mp3"
		assert_success
		assert_equal "${#lines[@]}" 1
	done
	kill -KILL "$swarm"
	exec 9>&-
	wait_until settled
	run nfind --timeout 120 first
	assert_success
	[[ -n $NAP_SANITIZED ]] || wait_until back
}
