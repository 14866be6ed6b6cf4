# Processes that are killed at any moment, one after the other, while the others
# go on: what must hold holds throughout.
#
# NAP_SOAK is how many seconds that takes; NAP_SEED repeats what happened.

bats_require_minimum_version 1.5.0
load common

PEERS=(alice bob carol)
GONE_WITHIN=5  # seconds until who is dead is in no search
BACK_WITHIN=35 # and until who lives is in all of them again; nshare waits for
               # up to 30 when an index dies again and again
BACK_SOON=10   # when it has been steady, for so long:
STEADY=32

setup() {
	local peer

	common_setup
	RANDOM=${NAP_SEED:=$$}
	echo "NAP_SEED=$NAP_SEED"
	declare -gA PID_OF ADDRESS
	mkdir in
	head -c 3000000 /dev/urandom >hymn
	for peer in "${PEERS[@]}"; do
		mkdir "$peer"
		cp hymn "$peer/hymn"
		for i in {1..5}; do
			write_song "$peer" $i
		done
	done
	launch_index 127.0.0.1:0
	for peer in "${PEERS[@]}"; do
		launch_peer "$peer"
		await_peer "$peer"
	done
}

write_song() {
	head -c $((RANDOM * 10)) /dev/urandom >"$1/song $2 of $1"
}

# nap MS: at most so long.
nap() {
	sleep "$(printf '0.%03d' $((RANDOM % $1)))"
}

launch_index() {
	spawn indexd indexd -l "$1"
	PID_OF[index]=$PID
	wait_for_line indexd.err "listening on $PATTERN_ADDR"
	export NAP_INDEX=${MATCH##* }
}

# Each has a cache of digests of its own.
launch_peer() {
	mkdir -p "cache.$1"
	spawn "$1" env XDG_CACHE_HOME="$PWD/cache.$1" nshare -v -p 0 "$1"
	PID_OF[$1]=$PID
}

await_peer() {
	wait_for_line "$1.err" 'sharing [0-9]+ files of .* at '
	ADDRESS[$1]=${MATCH##* }
}

# slay NAME: and bury it.
slay() {
	kill -KILL "${PID_OF[$1]}"
	wait "${PID_OF[$1]}" || :
}

# listed PEER: all of its files are.
listed() {
	(($(nfind --peers hymn | grep -c "^${ADDRESS[$1]}$") == 1)) &&
		(($(nfind "song of $1" | grep -c "^${ADDRESS[$1]}/") == 5))
}

unlisted() {
	! nfind --peers hymn song | grep -q "^${ADDRESS[$1]}$"
}

# soon SECONDS COMMAND...: a bound that is to hold.
soon() {
	eventually "$@" || {
		echo "not within $1 seconds: ${*:2}"
		tail -n 5 ./*.err
		return 1
	}
}

all_listed() {
	local peer

	for peer in "${PEERS[@]}"; do
		soon "${1:-$BACK_WITHIN}" listed "$peer"
	done
}

# known PEER: it told the digests of all its songs.
known() {
	(($(nfind -H "song of $1" | grep -c '#sha256=') == 5))
}

# digests_right PEER: those that searches tell are.
digests_right() {
	local peer=$1 locator path

	while read -r locator; do
		path=${locator#*/}
		path=${path%#*}
		[[ $(sha256sum <"$peer/${path//%20/ }") == "${locator##*=} "* ]] || {
			echo "wrong: $locator"
			return 1
		}
	done < <(nfind -H "song of $1")
}

# The index dies: once there is one again it soon knows all peers.
the_index() {
	local lived=$((SECONDS - BORN)) bound=$BACK_WITHIN

	((INDEX_DEATHS > 0 && lived < STEADY)) || bound=$BACK_SOON
	INDEX_DEATHS=$((INDEX_DEATHS + 1))
	slay index
	nap 800
	launch_index "$NAP_INDEX"
	all_listed $bound
	BORN=$SECONDS
}

# A peer dies, even as it begins, or reads what it shares; files change. Soon no
# search lists it, and what is told of it when it is back is true.
a_peer() {
	local peer=${PEERS[RANDOM % 3]} i

	slay "$peer"
	soon $GONE_WITHIN unlisted "$peer"
	for ((i = RANDOM % 4; i > 0; i--)); do
		write_song "$peer" $((1 + RANDOM % 5))
		launch_peer "$peer"
		nap 100
		slay "$peer"
	done
	launch_peer "$peer"
	await_peer "$peer"
	soon $BACK_WITHIN listed "$peer"
	soon $BACK_WITHIN known "$peer"
	digests_right "$peer"
}

saved_right() {
	[[ ! -e in/hymn ]] || cmp in/hymn hymn
}

fetch() {
	nget -q -f --rate 6M -d in "$1"
}

# One who fetches dies, several times: what has the name is right, and who comes
# next goes on.
one_who_fetches() {
	local locator i

	locator=$(nfind -H -n 1 hymn)
	for ((i = 1 + RANDOM % 3; i > 0; i--)); do
		spawn nget nget -q -f --rate 6M -d in "$locator"
		nap 600
		# It may have been quicker.
		kill -KILL "$PID" || :
		wait "$PID" || :
		saved_right
	done
	fetch "$locator"
	cmp in/hymn hymn
	[[ -z $(find in -name '*.part*') ]]
	rm in/hymn
}

# The one who sends dies: another one is found, when the digest is known.
one_who_sends() {
	local peer=${PEERS[RANDOM % 3]} locator pid status=0

	soon $BACK_WITHIN known "$peer"
	locator=$(nfind -H hymn | grep "^${ADDRESS[$peer]}/") || return 0
	spawn nget nget -q -f --rate 6M -d in "$locator"
	pid=$PID
	nap 500
	slay "$peer"
	wait "$pid" || status=$?
	saved_right
	if [[ $locator == *sha256* ]] && ((status > 0)); then
		cat nget.err
		return 1
	fi
	launch_peer "$peer"
	await_peer "$peer"
	all_listed
	rm -f in/hymn*
}

@test "whoever is killed, what is found is there and what is fetched is right" {
	local events=(the_index a_peer a_peer one_who_fetches one_who_sends)
	local end=$((SECONDS + ${NAP_SOAK:-12})) event count=0

	INDEX_DEATHS=0 BORN=$SECONDS
	all_listed
	while ((SECONDS < end)); do
		event=${events[RANDOM % ${#events[@]}]}
		echo "$((end - SECONDS)) seconds left: $event"
		"$event"
		count=$((count + 1))
	done
	all_listed
	for peer in "${PEERS[@]}"; do
		soon $BACK_WITHIN known "$peer"
		digests_right "$peer"
	done
	echo "$count deaths" >&3
}
