# Networks that lose packets and fall apart: an index and its clients at a hub,
# peers on links of their own, each in a network namespace.

bats_require_minimum_version 1.5.0
load common
load watching

HUB=10.77.0.1

# How long a peer that is cut off may be listed: the times given to indexd, and
# some for who has a slow processor.
PING_INTERVAL=1 PING_TIMEOUT=2 SLACK=6
BOUND=$((PING_INTERVAL + PING_TIMEOUT + SLACK))

setup() {
	common_setup
	declare -gA PLACES=() HOST=() ADDRESS=() LOSING=()
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
	HOST[$1]=10.77.0.$2
	place "$1" nsenter --preserve-credentials -U -n -t "${PLACES[hub]}" \
		unshare -n
	within hub ip link add "$1" type veth peer name peer
	within hub ip link set peer netns "${PLACES[$1]}"
	within hub ip link set "$1" master hub up
	# One packet is what a segment is, as on a real link.
	within hub ip link set "$1" gso_max_segs 1
	within "$1" ip addr add "${HOST[$1]}/24" dev peer
	within "$1" ip link set peer up gso_max_segs 1
	within "$1" ip link set lo up
}

start_index() {
	spawn indexd nsenter --preserve-credentials -U -n -t "${PLACES[hub]}" \
		indexd -l $HUB:0 "$@"
	wait_for_line indexd.err "listening on $PATTERN_ADDR"
	export NAP_INDEX=${MATCH##* }
}

# start_peer NAME [OPTION...]: sharing the directory of its name; PEER is its
# process, SHARE its address, and that of NAME.
start_peer() {
	now
	BORN=$TIME
	spawn "nshare.$1" nsenter --preserve-credentials -U -n \
		-t "${PLACES[$1]}" env XDG_CACHE_HOME="$PWD/cache.$1" \
		nshare -p 0 "${@:2}" "$1"
	PEER=$PID
	wait_for_line "nshare.$1.err" 'sharing [0-9]+ files of .* at '
	SHARE=${MATCH##* }
	ADDRESS[$1]=$SHARE
	echo "$BORN born $SHARE" >>lives
}

cut_link() {
	note dies "${ADDRESS[$1]}"
	within hub ip link set "$1" down
	note died "${ADDRESS[$1]}"
	figure cut 1
}

mend_link() {
	note born "${ADDRESS[$1]}"
	within hub ip link set "$1" up
}

# found PEER: whether a search lists its song.
found() {
	within hub nfind song 2>nfind.err | grep -q "/song.of.$1"
}

missing() {
	! found "$1"
}

# listed PEER: it is from now on, while it can be reached.
listed() {
	wait_until found "$1"
	note listed "${ADDRESS[$1]}"
}

# watch_from NAME: somebody searches from there all the time.
watch_from() {
	watch_searches nsenter --preserve-credentials -U -n \
		-t "${PLACES[$1]}" nfind -n 10000 song
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
	watch_from hub
	listed alice
	listed bob
	cut_link alice
	wait_until missing alice
	found bob
	mend_link alice
	listed alice
	found bob
	judge_searches "$BOUND"
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
	BOUND=$((15 + 30 + 3))
	PATIENCE=90
	vanish_and_return
}

# lose PEER PERCENT: as much of what is sent to and from it.
lose() {
	local share=(-m statistic --mode random
		--probability "$(printf 0.%02d "$2")" -j DROP) tables

	if within "$1" tc qdisc add dev peer root netem loss "$2%" 2>/dev/null
	then
		LOSING[$1]=netem
		within hub tc qdisc add dev "$1" root netem loss "$2%"
		return
	fi
	for tables in iptables-legacy iptables; do
		within "$1" $tables -A INPUT -i peer "${share[@]}" 2>/dev/null ||
			continue
		within hub $tables -A INPUT -s "${HOST[$1]}" "${share[@]}"
		LOSING[$1]=$tables
		return
	done
	skip 'nothing that loses packets is to be had here'
}

# lost PEER: how many packets were, to it and from it: LOST.
lost() {
	local place counts

	LOST=()
	for place in "$1" hub; do
		if [[ ${LOSING[$1]} == netem ]]; then
			counts=$(within "$place" tc -s qdisc |
				sed -n 's/.*dropped \([0-9]*\).*/\1/p')
		else
			counts=$(within "$place" ${LOSING[$1]} -nvxL INPUT |
				awk -v "host=${HOST[$1]}" '$3 == "DROP" &&
				($8 == host || $8 == "0.0.0.0/0") { print $1 }')
		fi
		LOST+=($((${counts//$'\n'/+} + 0)))
	done
	echo "$1: ${LOST[*]} packets are lost"
}

has_lost() {
	lost "$1"
	((LOST[0] >= $2 && LOST[1] >= $2))
}

@test "what comes over a link that loses packets is what was sent" {
	make_peer alice 2
	mkdir alice in
	head -c 3000000 /dev/urandom >alice/song
	start_index
	start_peer alice --no-hash
	lose alice 3
	until has_lost alice 1; do
		run within hub nget -f -d in "$SHARE/song"
		assert_success
		cmp in/song alice/song
		rm in/song
	done
	within hub nfind song | grep -q song
}

# songs PLACE: what a search from there finds, sorted.
songs() {
	within "$1" nfind --timeout "$PATIENCE" -n 10000 song | sort
}

tells_all() {
	[[ $(songs hub) == "$(cd alice && printf '%s\n' * |
		sed "s,^,${ADDRESS[alice]}/," | sort)" ]]
}

@test "an index that is reached over links that lose packets hears and tells everything" {
	make_peer alice 2
	make_peer carol 3
	mkdir alice
	(cd alice && seq -f 'song.of.alice.%04g' 3000 | xargs touch)
	start_index
	lose alice 10
	lose carol 10
	start_peer alice --no-hash
	tells_all
	# What is told fits into a few packets, so that all may have come.
	until has_lost alice 1; do
		[[ $(songs alice) == "$(songs hub)" ]]
	done
	watch_from hub
	listed alice
	(cd alice && rm song.*[02468] && seq -f 'song.again.%04g' 1000 | xargs touch)
	wait_until tells_all
	until has_lost carol 3; do
		[[ $(songs carol) == "$(songs hub)" ]]
	done
	note dies "$SHARE"
	kill -KILL "$PEER"
	note died "$SHARE"
	wait_until missing alice
	judge_searches "$BOUND"
}

# delay PEER RATE BYTES: what is sent to it and from it waits in a queue of so
# many bytes, of which so many bits leave in a second.
delay() {
	local tbf=(root tbf rate "$2" burst 5kb limit "$3")

	within "$1" tc qdisc add dev peer "${tbf[@]}" 2>/dev/null ||
		skip 'nothing that delays packets is to be had here'
	within hub tc qdisc add dev "$1" "${tbf[@]}"
}

# takes PLACE: TOOK is how many milliseconds a search from there takes, which
# has to find alice.
takes() {
	local begun=${EPOCHREALTIME/./}

	[[ $(songs "$1") == *"${ADDRESS[alice]}/song.of.alice"* ]] || return
	TOOK=$(((${EPOCHREALTIME/./} - begun) / 1000))
}

@test "who is behind a queue that is full stays, and vanishes in time when cut off" {
	make_peer alice 2
	make_peer bob 3
	mkdir alice bob in
	echo a >alice/song.of.alice
	echo b >bob/song.of.bob
	head -c 2000000 /dev/urandom >alice/long
	PING_TIMEOUT=5
	BOUND=$((PING_INTERVAL + PING_TIMEOUT + SLACK))
	start_index --ping-interval $PING_INTERVAL --ping-timeout $PING_TIMEOUT
	delay alice 4mbit 300kb
	start_peer bob --no-hash
	start_peer alice --no-hash
	watch_from hub
	listed alice
	listed bob
	spawn nget nsenter --preserve-credentials -U -n \
		-t "${PLACES[hub]}" nget -d in "$SHARE/long"
	nget=$PID
	longest=0
	until gone $nget; do
		takes alice
		((TOOK <= longest)) || longest=$TOOK
	done
	wait $nget
	cmp in/long alice/long
	# As long as the queue is, but for what it is filled with at times.
	echo "the longest search took $longest ms"
	((longest >= 300))
	cut_link alice
	wait_until missing alice
	judge_searches "$BOUND"
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
