# What the stories about nshare share: one that serves a directory, and requests.

bats_require_minimum_version 1.5.0
load common

setup() {
	common_setup
	start_indexd
	mkdir share
}

# spawn_nshare [OPTION...]: of share, waiting for no index; SHARE is its address
# and NSHARE its process.
spawn_nshare() {
	spawn nshare nshare -v -p 0 --no-hash "$@" share
	NSHARE=$PID
	wait_for_line nshare.err 'listening on port [0-9]+' || return
	SHARE=127.0.0.1:${MATCH##* }
}

# get TARGET [FIELD...]: the answer to a request that ends its connection.
get() {
	http GET "$@"
}

# http METHOD TARGET [FIELD...]
http() {
	printf '%s\r\n' "$1 $2 HTTP/1.1" 'Host: test' 'Connection: close' \
		"${@:3}" '' | say "$SHARE" | tr -d '\r'
}

# body: of the answer on standard input.
body() {
	sed '1,/^$/d'
}

# listing TARGET: its lines, by HTTP 1.0 and so without chunks.
listing() {
	printf 'GET %s HTTP/1.0\r\n\r\n' "$1" | say "$SHARE" | tr -d '\r' | body
}

# raw TEXT: send what printf makes of it; the whole answer, CRs dropped. The
# other side must end the conversation.
raw() {
	printf "$1" | say "$SHARE" -w | tr -d '\r'
}

# has_status STATUS: whether the answer on standard input begins with it.
has_status() {
	local line

	read -r line
	[[ $line == "HTTP/1.1 $1 "* ]] || fail "wanted $1, got: $line"
}

encode() {
	local LC_ALL=C text=$1 c i

	for ((i = 0; i < ${#text}; i++)); do
		c=${text:i:1}
		case $c in
		[A-Za-z0-9._~/-]) printf '%s' "$c" ;;
		*) printf '%%%02X' "'$c" | sed -E 's/%F+(..)$/%\1/' ;;
		esac
	done
}

# found PATH: whether a search for it finds somebody.
found() {
	printf 'SEARCH %s\n' "$1" | say "$INDEX" | grep -q :
}

# delays FILE INDEX: the milliseconds after which nshare said, with -v, that it
# would try that index again.
delays() {
	sed -n "s/.*index $2: again in \([0-9]*\) ms$/\1/p" "$1"
}

# comes_back_in_time FILE INDEX: each of them is what naputils(7) promises, at
# least when nothing went well for long between. No load of the machine has a
# part in that.
comes_back_in_time() {
	local longest=1000 ms

	for ms in $(delays "$@"); do
		((500 <= ms && ms <= longest)) || fail "$ms of $longest ms"
		((longest = longest < 15000 ? 2 * longest : 30000))
	done
}

# hold TARGET: a download that is not read, until descriptor 8 is closed; it has a
# slot until it stalls.
hold() {
	exec 8<>"/dev/tcp/${SHARE%:*}/${SHARE##*:}"
	printf 'GET %s HTTP/1.1\r\nHost: a\r\n\r\n' "$1" >&8
	wait_until busy
}

busy() {
	get /small | has_status 503 2>/dev/null
}
