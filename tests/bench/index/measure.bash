# Registering and searching: indexd beside redis-server and plocate, on the same
# names.
#
#	BENCH_NAMES    sizes of the collection, the largest last
#	BENCH_PEERS    peers that register a collection
#	BENCH_IDLE     idle peers; 0: as many as descriptors allow
#	BENCH_LOAD     names that are registered while FIND is asked
#	BENCH_RATE     and how many of them a second
#	BENCH_FINDS    how often FIND is asked for each kind of words in a round

read -ra SIZES <<<"${BENCH_NAMES:-$(usually '1000000 10000000' '10000 100000')}"
PEERS=${BENCH_PEERS:-100}
IDLE=${BENCH_IDLE:-$(usually 0 1000)}
LOAD=${BENCH_LOAD:-$(usually 8000000 500000)}
RATE=${BENCH_RATE:-$(usually 2000000 250000)}
FINDS=${BENCH_FINDS:-$(usually 100 10)}

ORDER=shuffled         # of the names
LARGE=2000000          # from here on there are fewer rounds
LARGE_ROUNDS=2
DEEP=64                # exact look-ups are sent so many at a time
DEEP_CONNECTIONS=4     # on so many connections
REQUESTS_DEEP=$(usually 300000 30000)
REQUESTS_ONE=$(usually 10000 1000) # and on one connection, one at a time
SLICES=$(usually 5 1)  # of them in a round, each side in turn
PLOCATES=$(usually 10 2) # runs of plocate in a round
PLOCATES_SLOW=2        # for words that take it seconds
CHURNS=$(usually 10 2) # rounds of leaving and returning
MOMENT=$(usually 1 0.2)   # seconds

# What is looked for (song.h): the kind and its words.
declare -A WORDS=(
	[rare]='sphynx' [1%]='waltz' [12%]='rock' [absent]='qwxyzq'
	[two-words]='jazz waltz' [two-letters]='la' [two-letters-rarer]='an'
	[three-common]='rock jazz folk'
)
QUICK=(rare 1% 12% absent two-words two-letters two-letters-rarer)
KINDS=("${QUICK[@]}" three-common)

FIND_OPTIONS=()

# shellcheck source=tests/bench/index/report.bash
source "$HERE/index/report.bash"

# start_redis: REDIS is its process, REDIS_PORT its port.
start_redis() {
	find_port try_redis
	REDIS_PORT=$PORT
}

try_redis() {
	spawn redis redis-server --bind 127.0.0.1 --port "$1" \
		--save '' --appendonly no --dir "$TMP"
	REDIS=$PID
	await_line "$REDIS" "$TMP/redis.out" 'Ready to accept' && return
	end "$REDIS"
	return 1
}

# rss PID: resident KiB.
rss() {
	awk '/^VmRSS:/ { print $2 }' "/proc/$1/status"
}

# calm_rss PID: once a MOMENT has not changed it much.
calm_rss() {
	local before=0 now try

	for try in {1..20}; do
		now=$(rss "$1")
		((now - before < 256 && before - now < 256)) && break
		before=$now
		sleep "$MOMENT"
	done
	echo "$now"
}

# ask_stat KEY: STAT is what indexd tells, nothing when it does not know the key.
ask_stat() {
	local fd key value

	STAT=
	exec {fd}<>"/dev/tcp/127.0.0.1/$INDEX"
	printf 'STAT\n' >&"$fd"
	while read -r key value <&"$fd" && [[ $key != END ]]; do
		[[ $key != "$1" ]] || STAT=$value
	done
	exec {fd}>&-
}

# settle: until every name is in the index; SETTLED is the seconds that took.
settle() {
	local start=$EPOCHREALTIME deadline=$((SECONDS + PATIENCE))

	ask_stat pending
	while ((${STAT:-0} > 0)); do
		((SECONDS < deadline)) || fail "$STAT names stay pending"
		pause
		ask_stat pending
	done
	SETTLED=$(awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')
}

# load TAG WIRE PORT ORDER COUNT: register, and stay: LOADER is the process of
# the peers. Notes "TAG register" and "TAG cpu".
load() {
	spawn load "$TOOLS/index/load" "$2" "$3" "$PEERS" "$4" "$5"
	LOADER=$PID
	await_line "$LOADER" "$TMP/load.out" '^load: done' ||
		fail "names were not registered: $(cat "$TMP/load.err")"
	note "$1 register" "$(cut -d' ' -f4 <<<"$MATCH")"
	note "$1 cpu" "$(awk -v n="$5" '{ print $5 / n * 1e6 }' <<<"$MATCH")"
}

# fill TAG WIRE PORT PID ORDER COUNT: load, and note "TAG memory" a listing and,
# for indexd, "TAG settle".
fill() {
	local before after

	before=$(calm_rss "$4")
	load "$1" "$2" "$3" "$5" "$6"
	if [[ $2 != redis ]]; then
		settle
		note "$1 settle" "$SETTLED"
	fi
	after=$(calm_rss "$4")
	note "$1 memory" "$(((after - before) * 1024 / $6))"
}

# ask_finds TAG ROUNDS KIND...: note "TAG KIND p50", p99, matches.
# FIND_OPTIONS are those of finds.
ask_finds() {
	local tag=$1 rounds=$2 kind p50 p99 matches requests=()

	shift 2
	for kind; do
		requests+=("$kind" "FIND limit=100 -- ${WORDS[$kind]}")
	done
	"$TOOLS/index/finds" "${FIND_OPTIONS[@]}" "$INDEX" "$rounds" \
		"${requests[@]}" >"$TMP/finds.out"
	while read -r kind p50 p99 _ _ matches; do
		note "$tag $kind p50" "$p50"
		note "$tag $kind p99" "$p99"
		note "$tag $kind matches" "$matches"
	done <"$TMP/finds.out"
}

# ask_plocate TAG DATABASE: the same of whole processes.
ask_plocate() {
	local kind p50 p99 words runs

	for kind in "${KINDS[@]}"; do
		runs=$PLOCATES
		[[ $kind != three-common ]] || runs=$PLOCATES_SLOW
		read -ra words <<<"${WORDS[$kind]}"
		read -r p50 p99 _ < <("$TOOLS/timed" "$runs" \
			plocate -d "$2" -i -l 100 -- "${words[@]}")
		note "$1 $kind p50" "$p50"
		note "$1 $kind p99" "$p99"
	done
}

# on_one PID COMMAND...: run it with the process PID on the first processor, so
# that nothing is measured of how long another one takes to wake.
on_one() {
	local others

	others=$(taskset -pc "$1")
	taskset -apc 0 "$1" >/dev/null
	taskset -c 0 "${@:2}"
	taskset -apc "${others##* }" "$1" >/dev/null
}

# ask_exact TAG WIRE PORT PID COUNT: note "TAG deep", "TAG one" and "TAG pinned".
ask_exact() {
	local ask=("$TOOLS/index/exact" "$2" "$3" "$ORDER" "$5") figure

	figure=$("${ask[@]}" "$DEEP_CONNECTIONS" "$DEEP" "$REQUESTS_DEEP")
	note "$1 deep" "$figure"
	figure=$("${ask[@]}" 1 1 "$REQUESTS_ONE")
	note "$1 one" "$figure"
	have taskset || return 0
	figure=$(on_one "$4" "${ask[@]}" 1 1 "$REQUESTS_ONE")
	note "$1 pinned" "$figure"
}

# build_database FILE COUNT: plocate's, of the same names in the order in which
# a walk through directories finds them. All of them are visible to all: it
# need not look each hit up in a file system that has none of them.
build_database() {
	"$TOOLS/songs" sequential "$2" >"$TMP/names.txt"
	plocate-build -p -l no "$TMP/names.txt" "$1"
	rm "$TMP/names.txt"
}

rounds_of() {
	((ROUNDS > LARGE_ROUNDS && $1 >= LARGE)) && echo "$LARGE_ROUNDS" ||
		echo "$ROUNDS"
}

# One size: both sides in turn. Of the last round both stay, for what is asked:
# INDEXD with its LOADER, and REDIS.
register_in_turn() {
	local size=$1 round rounds=$2

	for ((round = 1; round <= rounds; round++)); do
		say "$(count "$size") names, round $round of $rounds"
		start_indexd
		fill "ours $size" nap2 "$INDEX" "$INDEXD" "$ORDER" "$size"
		if have redis-server; then
			start_redis
			fill_redis "$size"
		fi
		((round < rounds)) || return 0
		end "$LOADER"
		end "$INDEXD"
		! have redis-server || end "$REDIS"
	done
}

# What redis-server knows stays when its peers go.
fill_redis() {
	local peers=$LOADER

	fill "redis $1" redis "$REDIS_PORT" "$REDIS" "$ORDER" "$1"
	end "$LOADER"
	LOADER=$peers
}

ask_exact_in_turn() {
	local size=$1 slice

	say "exact look-ups in $(count "$size") names"
	for ((slice = 0; slice < ROUNDS * SLICES; slice++)); do
		ask_exact "ours $size" nap2 "$INDEX" "$INDEXD" "$size"
		! have redis-server ||
			ask_exact "redis $size" redis "$REDIS_PORT" "$REDIS" \
				"$size"
	done
}

ask_finds_in_turn() {
	local size=$1 round database=$TMP/plocate.db

	if have plocate; then
		say "building plocate's database of $(count "$size") names"
		build_database "$database" "$size"
	fi
	for ((round = 1; round <= $(rounds_of "$size"); round++)); do
		say "FIND in $(count "$size") names, round $round"
		ask_finds "ours $size" "$FINDS" "${KINDS[@]}"
		! have plocate || ask_plocate "plocate $size" "$database"
	done
	rm -f "$database"
}

# FIND while other names arrive at RATE, on top of those that are there. It
# ends a little before they do.
ask_finds_under_load() {
	local base=$LOADER seconds=$((LOAD / RATE))

	say "FIND while $(count "$RATE") names/s are registered"
	spawn pressure "$TOOLS/index/load" -r "$RATE" nap2 "$INDEX" "$PEERS" random \
		"$LOAD"
	LOADER=$PID
	await_line "$LOADER" "$TMP/pressure.out" '^load: started' ||
		fail "names were not registered: $(cat "$TMP/pressure.err")"
	FIND_OPTIONS=(-p 1000 -s $((seconds > 1 ? seconds - 1 : 1)))
	ask_finds pressed 1000000 "${QUICK[@]}"
	FIND_OPTIONS=()
	await_line "$LOADER" "$TMP/pressure.out" '^load: done' ||
		fail "names were not registered: $(cat "$TMP/pressure.err")"
	note 'pressed register' "$(cut -d' ' -f4 <<<"$MATCH")"
	end "$LOADER"
	LOADER=$base
}

measure_size() {
	local size=$1 largest=$2

	register_in_turn "$size" "$(rounds_of "$size")"
	ask_exact_in_turn "$size"
	! have redis-server || end "$REDIS"
	if ((size == largest)); then
		ask_finds_in_turn "$size"
		ask_finds_under_load
	else
		ask_finds "ours $size" "$FINDS" "${KINDS[@]}"
	fi
	end "$LOADER"
	end "$INDEXD"
}

# measure_alone TAG ORDER COUNT: of indexd alone what the growth curve tells.
measure_alone() {
	say "$(count "$3") names, $2"
	start_indexd
	fill "$1" nap2 "$INDEX" "$INDEXD" "$2" "$3"
	ask_finds "$1" "$FINDS" "${KINDS[@]}"
	end "$LOADER"
	end "$INDEXD"
}

# The seed's form, which a SEARCH ends.
measure_seed() {
	local round

	for ((round = 1; round <= ROUNDS; round++)); do
		say "$(count "$1") names in the seed's form, round $round"
		start_indexd
		load "seed $1" seed "$INDEX" "$ORDER" "$1"
		end "$LOADER"
		end "$INDEXD"
	done
}

measure_idle() {
	local before after

	say 'idle peers'
	start_indexd
	load base nap2 "$INDEX" "$ORDER" "$1"
	settle
	ask_finds lonely $((2 * FINDS)) "${QUICK[@]}"
	before=$(calm_rss "$INDEXD")
	spawn idle "$TOOLS/index/idle" "$INDEX" "$IDLE" 1
	await_line "$PID" "$TMP/idle.out" '^idle: ready' ||
		fail "no idle peers: $(cat "$TMP/idle.err")"
	IDLE=${MATCH##* }
	settle
	after=$(calm_rss "$INDEXD")
	note 'idle memory' "$(((after - before) * 1024 / IDLE))"
	ask_finds crowded $((2 * FINDS)) "${QUICK[@]}"
	end "$PID"
	end "$LOADER"
	end "$INDEXD"
}

# The first round is what the others are held to.
measure_churn() {
	local round kib ping search find waking

	say 'peers that leave and return'
	start_indexd
	"$TOOLS/index/churn" "$INDEX" "$INDEXD" "$PEERS" "$ORDER" "$1" "$CHURNS" \
		>"$TMP/churn.out"
	while read -r round kib ping search find waking; do
		case $round in
		0) continue ;;
		1) note 'churn first' "$kib" ;;
		*) note "churn $round" "$kib" ;;
		esac
		note "churn ping $round" "$ping"
		note "churn search $round" "$search"
		note "churn find $round" "$find"
		note "churn waking $round" "$waking"
	done <"$TMP/churn.out"
	end "$INDEXD"
}

measure_index() {
	local size order

	CURVE=($((SIZES[0] / 10)) "${SIZES[@]}")
	measure_alone "ours ${CURVE[0]}" "$ORDER" "${CURVE[0]}"
	for size in "${SIZES[@]}"; do
		measure_size "$size" "${SIZES[-1]}"
	done
	measure_seed "${SIZES[0]}"
	for order in sequential shuffled random; do
		measure_alone "order $order" "$order" "${SIZES[0]}"
	done
	measure_idle "${SIZES[0]}"
	measure_churn "${SIZES[0]}"
}
