# What is told of the index: the figures of measure.bash, held to the goals.

# finds_of TAG PERCENTILE KIND...: the names of figures, in FINDS_OF.
finds_of() {
	local kind

	FINDS_OF=()
	for kind in "${@:3}"; do
		FINDS_OF+=("$1 $kind $2")
	done
}

# churn_of WHAT: the names of its figures in all rounds, in CHURN_OF.
churn_of() {
	local round

	CHURN_OF=()
	for ((round = 1; round <= CHURNS; round++)); do
		CHURN_OF+=("churn $1$round")
	done
}

rows_of_registration() {
	local size goal=3 names absent='not installed'

	for size in "${SIZES[@]}"; do
		names="$(count "$size") names from $PEERS peers"
		versus "register $names" rate "$(median "ours $size register")" \
			"$(median "redis $size register")" '>=' $goal "$absent"
		[[ -z $(median "seed $size register") ]] ||
			versus "the same in the seed's form" rate \
				"$(median "seed $size register")" \
				"$(median "redis $size register")" \
				'>=' $goal "$absent"
		goal=2
	done
}

rows_of_exact() {
	local size names absent='not installed'

	for size in "${SIZES[@]}"; do
		names="in $(count "$size") names"
		versus "exact look-ups $names, depth $DEEP" rate \
			"$(median "ours $size deep")" \
			"$(median "redis $size deep")" '>=' 1.2 "$absent"
		versus "exact look-ups $names, depth 1" rate \
			"$(median "ours $size one")" \
			"$(median "redis $size one")" '>=' 1.2 "$absent"
		versus "the same, both sides on one processor" rate \
			"$(median "ours $size pinned")" \
			"$(median "redis $size pinned")" '>=' 1.2 "$absent"
	done
	for size in "${SIZES[@]}"; do
		versus "memory per listing, $(count "$size")" bytes \
			"$(median "ours $size memory")" \
			"$(median "redis $size memory")" '<=' 0.6 "$absent"
	done
}

rows_of_find() {
	local kind size=${SIZES[-1]} p50=0.1 p99=0.5 absent='not installed'

	for kind in "${KINDS[@]}"; do
		[[ $kind != three-common ]] || p50=1 p99=1
		versus "FIND in $(count "$size"): $kind (${WORDS[$kind]}), p50" \
			ms "$(median "ours $size $kind p50")" \
			"$(median "plocate $size $kind p50")" \
			'<=' $p50 "$absent"
		versus "… p99" ms "$(median "ours $size $kind p99")" \
			"$(median "plocate $size $kind p99")" \
			'<=' $p99 "$absent"
	done
}

rows_under_load() {
	alone "names/s registered meanwhile ($(show rate "$RATE") offered)" \
		rate "$(median 'pressed register')" '>=' $((RATE * 95 / 100))
	finds_of pressed p50 "${QUICK[@]}"
	alone 'FIND meanwhile, p50 of the slowest kind but three-common' ms \
		"$(worst "${FINDS_OF[@]}")" '<=' 5
	finds_of pressed p99 "${QUICK[@]}"
	alone "… p99" ms "$(worst "${FINDS_OF[@]}")"
}

rows_of_idle() {
	local crowded lonely

	alone "user memory of each of $IDLE idle peers" bytes \
		"$(median 'idle memory')" '<=' 1024
	finds_of crowded p50 "${QUICK[@]}"
	crowded=$(sum "${FINDS_OF[@]}")
	finds_of lonely p50 "${QUICK[@]}"
	lonely=$(sum "${FINDS_OF[@]}")
	versus 'FIND of all quick kinds with them, and with none, p50' ms \
		"$crowded" "$lonely" '<=' 1.1
}

rows_of_churn() {
	local size=${SIZES[0]} rounds what stall

	churn_of ''
	rounds=$(worst "${CHURN_OF[@]:1}")
	versus "memory after churn of $(count "$size"), round 2–$CHURNS and 1" \
		kib "$rounds" "$(median 'churn first')" '<=' 1.25
	for what in ping search find; do
		churn_of "$what "
		stall=$(worst "${CHURN_OF[@]}")
		alone "longest ${what^^} meanwhile" ms "$stall" '<=' 20
	done
	churn_of 'waking '
	alone "longest wait of the one who asks for the processor" ms \
		"$(worst "${CHURN_OF[@]}")"
}

versions_of_index() {
	version_of_ours indexd
	version redis-server 'Redis server v=[^ ]+' redis-server --version
	version plocate '^.*' plocate --version
}

how_of_index() {
	cat <<-END
		- All over TCP on loopback, with the programs side by side in one run,
		  ours and the peer in turn; medians of $ROUNDS rounds (of $LARGE_ROUNDS
		  from $(count "$LARGE") names on).
		- Registration: $PEERS connections, what they send made beforehand, from
		  the first byte until the last answer. redis-server: as many SADD
		  name ip:port as the sockets take at a time, nothing written to disk.
		- Exact look-ups: of names by lot, depth $DEEP on $DEEP_CONNECTIONS
		  connections, depth 1 on one. No answer may be empty.
		- Memory: resident after registration, all names being in the index, less
		  that of the empty process.
		- FIND: limit=100, the kinds in rotation on one connection, from the
		  request to the end of the answer. plocate: the whole process,
		  -i -l 100, the names in the order of directories, none to be looked
		  up in the file system.
	END
}

# print_line LABEL UNIT FIGURE TAG...: a line of a curve, a column a tag.
print_line() {
	local tag line="| $1 |"

	for tag in "${@:4}"; do
		line+=" $(show "$2" "$(median "$tag $3")") |"
	done
	echo "$line"
}

# print_curve TITLE TAG...: all that is told of indexd alone.
print_curve() {
	local title=$1 tag kind line

	shift
	echo "| $title"
	line='| --- |'
	for tag; do
		line+=' ---: |'
	done
	echo "$line"
	print_line 'registration, names/s' rate register "$@"
	print_line 'the peers, processor time a name' us cpu "$@"
	print_line 'until all are in the index' s settle "$@"
	print_line 'memory per listing' bytes memory "$@"
	for kind in "${KINDS[@]}"; do
		line="| FIND $kind (${WORDS[$kind]}): p50, p99; matches |"
		for tag; do
			line+=" $(show ms "$(median "$tag $kind p50")"),"
			line+=" $(show ms "$(median "$tag $kind p99")");"
			line+=" $(first "$tag $kind matches") |"
		done
		echo "$line"
	done
}

print_index() {
	local size titles=' |' tags=()

	rows_of_registration
	rows_of_exact
	rows_of_find
	rows_under_load
	rows_of_idle
	rows_of_churn
	print_section 'The index' index
	print_goals
	echo
	echo "### Growth ($ORDER names)"
	echo
	for size in "${CURVE[@]}"; do
		titles+=" $(count "$size") |"
		tags+=("ours $size")
	done
	print_curve "names$titles" "${tags[@]}"
	echo
	echo "### Orders ($(count "${SIZES[0]}") names)"
	echo
	print_curve 'order | sequential | shuffled | random |' \
		'order sequential' 'order shuffled' 'order random'
}
