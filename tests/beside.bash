# What the stories of attacks share: a crowd, and a reader who tells whether he
# notices. He asks the same alone and beside the crowd, by turns, and what he
# waited is printed as "at rest, beside": of half of his requests, of 99 in 100,
# and how many times as long that is.
#
# In make check that decides nothing: two processors are there for all of it, and
# for others. With NAP_SOAK there are more rounds, and in the best of them
# 99 in 100 have to be answered within twice the time at rest, and slack_us. That
# is for the scheduler: a server that is busy waits for all who want to run on its
# processor, crowd and strangers alike, for WAIT_US each, two of their slices.

ROUNDS=1
SAMPLE=50
[[ -z ${NAP_SOAK-} ]] || ROUNDS=${SOAK_ROUNDS:-5} SAMPLE=400
WAIT_US=6000
# At rest half of all requests take less, whatever machine it is.
REST_US=5000
GO=relieve
BETWEEN=:

# besiege COUNT OPTION...: until descriptor 7 is closed.
besiege() {
	"${INSIDE[@]}" siege "$HOST" "$PORT" "$@" <siege.in >siege.out 3>&- \
		6>&- 8>&- &
	SIEGE=$!
	PROCESSES+=("$SIEGE")
	exec 7>siege.in
	wait_for_line siege.out stands
}

relieve() {
	exec 7>&-
	wait "$SIEGE"
	sed -n 's/^siege/# attack/p' siege.out | tail -n 1 >&3
	figure $(sed -nE 's/.*dialled ([0-9]+), sent ([0-9]+) .*/attack \1 \2/p' \
		siege.out)
}

# stay: from now on one connection asks all there is to ask, for there will be no
# other. Until descriptor 8 is closed.
stay() {
	mkfifo asked
	"${INSIDE[@]}" reader "$HOST" "$PORT" $SAMPLE "$@" <asked >said 3>&- \
		6>&- &
	READER=$!
	PROCESSES+=("$READER")
	exec 8>asked
}

# told: how often the one who stays has told of his answers.
told() {
	grep -ac '^reader: ' said || :
}

has_told() {
	(($(told) > $1)) || gone "$READER"
}

# ask_often REQUEST: said ends with what was answered, and how fast.
ask_often() {
	local before from=()

	if [[ -n ${READER-} ]]; then
		before=$(told)
		echo "$1" >&8
		wait_until has_told "$before"
		return
	fi
	# Each time somebody new: what he may ask at once has a limit, too.
	ASKERS=$((${ASKERS-0} + 1))
	[[ -z ${INSIDE-} ]] || from=("10.0.200.$ASKERS")
	"${INSIDE[@]}" reader "$HOST" "$PORT" $SAMPLE "${from[@]}" <<<"$1" >said
}

# sample WHEN: what REQUESTS, whose names are what they are called, are answered
# and how fast.
sample() {
	local name

	for name in "${!REQUESTS[@]}"; do
		ask_often "${REQUESTS[$name]}"
		run tail -n 1 said
		assert_output --regexp ' p50 [0-9]+ us, p99 [0-9]+ us'
		sed -E "s/^[^0-9]*([0-9]+).* p50 ([0-9]+).* p99 ([0-9]+).* max ([0-9]+).*/$name $1 \2 \3 \4 \1/" \
			<<<"$output" >>samples
		figure read "$(tail -n 1 samples)"
	done
}

# in_turn ATTACK [CHECK]...: what nobody notices, and what else holds meanwhile.
# The attack ends with GO, and before the next one there is BETWEEN.
in_turn() {
	local check

	for ((round = 0; round < ROUNDS; round++)); do
		sample rest
		"$1"
		sample beside
		for check in "${@:2}"; do
			$check
		done
		"$GO"
		((round == ROUNDS - 1)) || "$BETWEEN"
	done
	tell
}

# compared: a line a request, "NAME P50 P99 P50 P99 MAX RATIO BEYOND", in
# microseconds: the least of all rounds at rest and beside, the longest of all,
# and in the best round how many times as long 99 in 100 took, and how much more
# than twice as long.
compared() {
	awk '
	function least(what, value) {
		if (!(what in low) || value < low[what])
			low[what] = value
	}
	{ least($1 " " $2 " p50", $3); least($1 " " $2 " p99", $4); names[$1] }
	$2 == "rest" { rest[$1] = $4 }
	$2 == "beside" {
		if ($5 > high[$1])
			high[$1] = $5
		least($1 " ratio", $4 / (rest[$1] > 0 ? rest[$1] : 1))
		least($1 " beyond", $4 - 2 * rest[$1])
	}
	END {
		for (name in names)
			print name, low[name " rest p50"],
				low[name " rest p99"], low[name " beside p50"],
				low[name " beside p99"], high[name],
				sprintf("%.1f", low[name " ratio"]),
				low[name " beyond"]
	}' samples
}

# slack_us: with as many who want to run as lately, but two on each processor at
# least.
slack_us() {
	awk -v wait=$WAIT_US -v processors="$(getconf _NPROCESSORS_ONLN)" '{
		each = $1 / processors
		printf "%.0f", wait * (each > 2 ? each : 2)
	}' /proc/loadavg
}

tell() {
	local name rest50 rest99 beside50 beside99 max ratio beyond slack

	slack=$(slack_us)

	while read -r name rest50 rest99 beside50 beside99 max ratio beyond; do
		echo "# $name: at rest $rest50 $rest99 us, beside $beside50 $beside99 us, $ratio x, longest $max us" >&3
		[[ -n ${NAP_SOAK-} && -z $NAP_SANITIZED ]] || continue
		((rest50 <= REST_US)) ||
			fail "$name takes $rest50 us when nobody else asks"
		((beyond <= slack)) ||
			fail "$name takes $beyond us more than twice as long, not $slack"
	done < <(compared)
}
