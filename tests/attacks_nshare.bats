# nshare under attack: whatever a crowd does, who fetches a file beside it gets
# it, memory stays within its bound, and what was taken is given back.

load nshare

ATTACKERS=2000
# What one connection may make nshare keep (client.h), in KiB, and all else.
EACH_KB=144
ALL_KB=32768

setup() {
	common_setup
	start_indexd
	mkdir share
	(($(ulimit -Hn) > ATTACKERS + 500)) ||
		skip "no more than $(ulimit -Hn) descriptors here"
	ulimit -n "$(ulimit -Hn)"
	head -c 10000 /dev/urandom >share/song
	mkfifo siege.in
}

# besiege COUNT OPTION...: until descriptor 7 is closed.
besiege() {
	siege "${SHARE%:*}" "${SHARE##*:}" "$@" <siege.in >siege.out 3>&- &
	SIEGE=$!
	PROCESSES+=("$SIEGE")
	exec 7>siege.in
	wait_for_line siege.out stands
}

relieve() {
	exec 7>&-
	wait "$SIEGE"
}

# fetches_beside: the song arrives, several times, as it is.
fetches_beside() {
	for i in {1..5}; do
		run nget -q -f -o got "$SHARE/song"
		assert_success
		cmp got share/song
	done
}

memory_kb() {
	awk '/^VmRSS/ { print $2 }' "/proc/$NSHARE/status"
}

# keeps_within KB: its memory, where sanitizers do not add to it.
keeps_within() {
	local kb

	kb=$(memory_kb)
	[[ -n $NAP_SANITIZED ]] || ((kb <= $1)) || fail "$kb KiB of memory"
}

has_given_back() {
	[[ -n $NAP_SANITIZED ]] || (($(memory_kb) <= ALL_KB))
}

@test "two thousand heads that never end keep nobody out" {
	start_nshare share
	besiege $ATTACKERS -s 'GET /song HTTP/1.1\r\nX: ' -t x
	fetches_beside
	keeps_within $((ALL_KB + ATTACKERS * EACH_KB))
	relieve
}

@test "two thousand readers that take nothing keep nobody out" {
	truncate -s 1G share/big
	start_nshare share
	besiege $ATTACKERS -s 'GET /big HTTP/1.1\r\nHost: a\r\n\r\n'
	fetches_beside
	keeps_within $((ALL_KB + ATTACKERS * EACH_KB))
	relieve
	fetches_beside
}

@test "readers of long listings who take their time are kept within bounds" {
	mkdir share/many
	(cd share/many && touch "$(printf 'x%.0s' {1..200})"-{1..5000})
	start_nshare share
	besiege 500 -s 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
	fetches_beside
	keeps_within $((ALL_KB + 500 * EACH_KB))
	relieve
	wait_until has_given_back
}

@test "millions of requests whose answers nobody reads keep nobody waiting" {
	start_nshare share
	besiege 100 -n 1000000 -s 'GET /song HTTP/1.1\r\nHost: a\r\n\r\n'
	fetches_beside
	keeps_within $((ALL_KB + 100 * EACH_KB))
	relieve
	wait_until has_given_back
}

@test "requests are answered whatever pieces they come in" {
	start_nshare share
	head=$(printf '%s\\r\\n' "GET /song HTTP/1.1" 'Host: a' \
		'Connection: close' '')
	printf "$head" | say "$SHARE" -s 1 | tr -d '\r' >got
	has_status 200 <got
	run bash -c 'printf "GET song\n" | talk "${1%:*}" "${1##*:}" -s 1 | cmp - share/song' \
		- "$SHARE"
	assert_success
}

@test "one address cannot have all connections" {
	unshare -rn true 2>/dev/null || skip 'no network namespaces here'
	run timeout 60 unshare -rn bash -c '
		ip link set lo up && ip addr add 192.0.2.1/32 dev lo &&
			ip addr add 198.51.100.1/32 dev lo || exit 99
		nshare --no-hash -I 127.0.0.1:1 -l 192.0.2.1 share 2>nshare.err &
		nshare=$!
		until (: </dev/tcp/192.0.2.1/9000) 2>/dev/null; do sleep 0.05; done
		siege 192.0.2.1 9000 300 -f 198.51.100.1 -a 300 -o \
			-s "GET /song " <siege.in >siege.out &
		exec 7>siege.in
		until grep -q stands siege.out; do sleep 0.05; done
		until (($(ls /proc/$nshare/fd | wc -l) < 120)); do sleep 0.05; done
		nget -q -o got 192.0.2.1:9000/song && cmp got share/song
		status=$?
		exec 7>&-
		kill $nshare
		exit $status'
	[[ $status != 99 ]] || skip 'no addresses to give here'
	assert_success
}
