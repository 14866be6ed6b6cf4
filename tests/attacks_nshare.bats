# nshare under attack: whatever a crowd does, who fetches a file beside it gets
# it, as soon as without it, memory stays within its bound, and what was taken is
# given back.

load nshare
load network
load beside

ATTACKERS=2000
# What one connection may make nshare keep (client.h), in KiB, and all else.
EACH_KB=144
ALL_KB=32768
declare -gA REQUESTS=([GET]='GET /song')

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

# serve [OPTION...]: the share, to those who come over loopback.
serve() {
	start_nshare share "$@"
	HOST=${SHARE%:*} PORT=${SHARE##*:}
	FREE=$(descriptors)
}

descriptors() {
	ls "/proc/$NSHARE/fd" | wc -l
}

# fetches: the song arrives, several times, as it is.
fetches() {
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

# Nobody is connected. A file that was asked for stays open for a second.
alone() {
	(($(descriptors) <= FREE + 2))
}

has_given_back() {
	[[ -n $NAP_SANITIZED ]] || (($(memory_kb) <= ALL_KB))
}

# disperse: the crowd goes, and what it took is given back.
disperse() {
	relieve
	wait_until alone
	wait_until has_given_back
}
GO=disperse

@test "two thousand heads that never end keep nobody out" {
	serve
	crowd() {
		besiege $ATTACKERS -s 'GET /song HTTP/1.1\r\nX: ' -t x
	}
	in_turn crowd fetches "keeps_within $((ALL_KB + ATTACKERS * EACH_KB))"
}

@test "two thousand readers that take nothing keep nobody out" {
	truncate -s 1G share/big
	serve
	crowd() {
		besiege $ATTACKERS -s 'GET /big HTTP/1.1\r\nHost: a\r\n\r\n'
	}
	in_turn crowd fetches "keeps_within $((ALL_KB + ATTACKERS * EACH_KB))"
	fetches
}

# fill_listing: one of a megabyte.
fill_listing() {
	mkdir share/many
	(cd share/many && touch "$(printf 'x%.0s' {1..200})"-{1..5000})
}

@test "readers of long listings who take their time are kept within bounds" {
	fill_listing
	serve
	crowd() {
		besiege 500 -s 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
	}
	in_turn crowd fetches "keeps_within $((ALL_KB + 500 * EACH_KB))"
}

@test "millions of requests whose answers nobody reads keep nobody waiting" {
	serve
	crowd() {
		besiege 100 -n 1000000 -s 'GET /song HTTP/1.1\r\nHost: a\r\n\r\n'
	}
	in_turn crowd fetches "keeps_within $((ALL_KB + 100 * EACH_KB))"
}

@test "requests are answered whatever pieces they come in" {
	serve
	head=$(printf '%s\\r\\n' "GET /song HTTP/1.1" 'Host: a' \
		'Connection: close' '')
	printf "$head" | say "$SHARE" -s 1 | tr -d '\r' >got
	has_status 200 <got
	run bash -c 'printf "GET song\n" | talk "${1%:*}" "${1##*:}" -s 1 | cmp - share/song' \
		- "$SHARE"
	assert_success
}

@test "requests in pieces of a byte keep nobody waiting" {
	serve
	crowd() {
		besiege 256 -b -n 1000000 -r 65536 \
			-s 'HEAD /song HTTP/1.1\r\nHost: a\r\n\r\n'
	}
	in_turn crowd fetches "keeps_within $((ALL_KB + 256 * EACH_KB))"
}

@test "without a free descriptor those who are there are served as ever" {
	nshare() {
		ulimit -n 500
		exec nshare "$@"
	}
	serve
	stay
	is_full() {
		! get /song 2>/dev/null | has_status 200 2>/dev/null
	}
	crowd() {
		besiege 1000
		wait_until is_full
	}
	go() {
		relieve
		wait_until eval '! is_full'
	}
	GO=go
	in_turn crowd "keeps_within $((ALL_KB + 500 * EACH_KB))"
	exec 8>&-
}

@test "with little memory it stays, and serves as ever who asks for little" {
	[[ -z $NAP_SANITIZED ]] || skip 'sanitizers want all there is'
	fill_listing
	serve
	# Half a megabyte more than it has; what it has reserved is no use to it.
	data=$(awk '/^VmData/ { print $2 }' "/proc/$NSHARE/status")
	prlimit --pid "$NSHARE" --data=$((1024 * (data + 512)))
	crowd() {
		besiege 200 -s 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
	}
	in_turn crowd fetches
	fetches
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
