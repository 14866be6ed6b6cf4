# Networks that lose packets and fall apart: an index and its clients at a hub,
# peers on links of their own, each in a network namespace.

bats_require_minimum_version 1.5.0
load common

HUB=10.77.0.1

# How long a peer that is cut off may be listed: the times given to indexd, and
# twice as much for who has a slow processor.
PING_INTERVAL=1 PING_TIMEOUT=2
BOUND=$((3 * (PING_INTERVAL + PING_TIMEOUT)))

setup() {
	common_setup
	declare -gA PLACES=()
	PATH=$PATH:/usr/sbin:/sbin
	for command in ip nsenter unshare; do
		command -v $command >/dev/null || skip "$command is not installed"
	done
	unshare -rn ip link add hub type bridge 2>/dev/null ||
		skip 'no network namespaces are to be had here'
	make_hub
}

# place NAME COMMAND...: a namespace that lasts as long as the test.
place() {
	spawn "$1" "${@:2}" sleep infinity
	PLACES[$1]=$PID
	wait_until is_apart "$PID"
}

is_apart() {
	[[ $(<"/proc/$1/comm") == sleep ]] &&
		[[ ! /proc/$1/ns/net -ef /proc/self/ns/net ]]
}

# within NAME COMMAND...: in its namespace, as who may do everything there.
within() {
	nsenter --preserve-credentials -U -n -t "${PLACES[$1]}" "${@:2}"
}

make_hub() {
	place hub unshare -rn
	within hub ip link add hub type bridge
	within hub ip addr add $HUB/24 dev hub
	within hub ip link set hub up
	within hub ip link set lo up
}

# make_peer NAME NUMBER: on a link that has its name.
make_peer() {
	place "$1" nsenter --preserve-credentials -U -n -t "${PLACES[hub]}" \
		unshare -n
	within hub ip link add "$1" type veth peer name peer
	within hub ip link set peer netns "${PLACES[$1]}"
	within hub ip link set "$1" master hub up
	# One packet is what a segment is, as on a real link.
	within hub ip link set "$1" gso_max_segs 1
	within "$1" ip addr add "10.77.0.$2/24" dev peer
	within "$1" ip link set peer up gso_max_segs 1
	within "$1" ip link set lo up
}

start_index() {
	spawn indexd nsenter --preserve-credentials -U -n -t "${PLACES[hub]}" \
		indexd -l $HUB:0 "$@"
	wait_for_line indexd.err "listening on $PATTERN_ADDR"
	export NAP_INDEX=${MATCH##* }
}

# start_peer NAME [OPTION...]: sharing the directory of its name; SHARE is its
# address.
start_peer() {
	spawn "nshare.$1" nsenter --preserve-credentials -U -n \
		-t "${PLACES[$1]}" env XDG_CACHE_HOME="$PWD/cache.$1" \
		nshare -p 0 "${@:2}" "$1"
	wait_for_line "nshare.$1.err" 'sharing [0-9]+ files of .* at '
	SHARE=${MATCH##* }
}

cut_link() {
	within hub ip link set "$1" down
}

mend_link() {
	within hub ip link set "$1" up
}

# found PEER: whether a search lists its song.
found() {
	within hub nfind song 2>nfind.err | grep -q "/song.of.$1"
}

missing() {
	! found "$1"
}

# Two peers, of which one is cut off, and comes back.
vanish_and_return() {
	make_peer alice 2
	make_peer bob 3
	mkdir alice bob
	echo a >alice/song.of.alice
	echo b >bob/song.of.bob
	start_index "$@"
	start_peer alice --no-hash
	start_peer bob --no-hash
	found alice
	found bob
	cut_link alice
	eventually "$BOUND" missing alice
	found bob
	mend_link alice
	wait_until found alice
	found bob
	run within hub nget "$(within hub nfind --url -n 1 song.of.alice)"
	assert_success
	cmp song.of.alice alice/song.of.alice
}

@test "who is cut off vanishes from searches in time, and comes back by itself" {
	vanish_and_return --ping-interval $PING_INTERVAL \
		--ping-timeout $PING_TIMEOUT
}

@test "likewise with the times that an index has by default" {
	[[ -n ${NAP_SOAK-} ]] || skip 'a matter of minutes: make soak'
	BOUND=60
	PATIENCE=90
	vanish_and_return
}

# lose PEER PERCENT: as much of what is sent to and from it.
lose() {
	local rule=(-A INPUT -m statistic --mode random
		--probability "0.0$2" -j DROP) tables

	if within "$1" tc qdisc add dev peer root netem loss "$2%" 2>/dev/null
	then
		within hub tc qdisc add dev "$1" root netem loss "$2%"
		return
	fi
	for tables in iptables-legacy iptables; do
		within "$1" $tables "${rule[@]}" 2>/dev/null || continue
		within hub $tables "${rule[@]}"
		return
	done
	skip 'nothing that loses packets is to be had here'
}

@test "what comes over a link that loses packets is what was sent" {
	make_peer alice 2
	mkdir alice in
	head -c 3000000 /dev/urandom >alice/song
	start_index
	start_peer alice --no-hash
	lose alice 3
	run within hub nget -d in "$SHARE/song"
	assert_success
	cmp in/song alice/song
	within hub nfind song | grep -q song
}

at_least() {
	[[ -e $1 ]] && (($(stat -c %s "$1") >= $2))
}

# getting LOCATOR...: a fetch into in that has come some way, of alice, who then
# is cut off. STATUS is its status.
getting_when_cut() {
	local status=0

	spawn nget nsenter --preserve-credentials -U -n -t "${PLACES[hub]}" \
		nget -v --timeout 2 -d in "$@"
	wait_until at_least in/song.part 300000
	cut_link alice
	wait "$PID" || status=$?
	STATUS=$status
}

@test "a fetch that is cut off fails in time, and later goes on" {
	make_peer alice 2
	mkdir alice in
	head -c 4000000 /dev/urandom >alice/song
	start_index
	start_peer alice --no-hash --rate 1M
	getting_when_cut "$SHARE/song"
	assert_equal "$STATUS" 3
	assert_file_not_exists in/song
	have=$(stat -c %s in/song.part)
	mend_link alice
	run within hub nget -d in "$SHARE/song"
	assert_success
	cmp in/song alice/song
	assert [ "$have" -ge 300000 ]
	assert_file_not_exists in/song.part
}

has_digests() {
	(($(within hub nfind -H song | grep -c '#sha256=') == 2))
}

@test "a fetch that is cut off goes on with another peer that has the file" {
	make_peer alice 2
	make_peer bob 3
	mkdir alice bob in
	head -c 4000000 /dev/urandom >alice/song
	cp alice/song bob/song
	start_index --ping-interval $PING_INTERVAL --ping-timeout $PING_TIMEOUT
	start_peer bob
	start_peer alice --rate 1M
	wait_until has_digests
	getting_when_cut "$(within hub nfind -H song | grep "^$SHARE/")"
	assert_equal "$STATUS" 0
	cmp in/song alice/song
}
