# The document: what it was measured on, and how it is held to the goals.

ROWS=() # of the table of goals of a part

# versus WORK UNIT OURS PEER [COMPARISON GOAL [ABSENT]]: a row of the table, for
# figures that are told in proportion to each other, and perhaps wanted so.
versus() {
	local ratio theirs wanted=–

	ratio=$(quotient "$3" "$4")
	theirs=$(show "$2" "$4")
	[[ -n $4 ]] || theirs=${7:-–}
	[[ -z ${5:-} ]] || wanted=$(goal "$5" "$6" ×)
	ROWS+=("$1 | $(show "$2" "$3") | $theirs | $(show ratio "$ratio") \
| $wanted | $(verdict "$ratio" "${5:-}" "${6:-}")")
}

# alone WORK UNIT OURS [COMPARISON GOAL]: a row for a figure that has no peer.
alone() {
	local wanted=–

	[[ -z ${4:-} ]] || wanted=$(goal "$4" "$(show "$2" "$5")")
	ROWS+=("$1 | $(show "$2" "$3") | – | – | $wanted \
| $(verdict "$3" "${4:-}" "${5:-}")")
}

# print_goals [PEERS]: the rows; with PEERS there is a column of that name.
print_goals() {
	local row

	echo "| work |${1:+ $1 |} ours | peer | ratio | goal | reached |"
	echo "| --- |${1:+ --- |} ---: | ---: | ---: | ---: | --- |"
	for row in "${ROWS[@]}"; do
		echo "| $row |"
	done
}

# version NAME PATTERN COMMAND...: what a program says of itself, where it is
# installed: what PATTERN finds first.
version() {
	if have "$1"; then
		echo "- $("${@:3}" 2>&1 | grep -m 1 -oE -- "$2")"
	else
		echo "- $1: not installed"
	fi
}

# version_of_ours PROGRAM
version_of_ours() {
	local commit

	commit=$(git -C "$SOURCE" describe --always --dirty 2>/dev/null) || :
	echo "- ours: $("$BUILD/$1/$1" -V)${commit:+, commit $commit}"
}

# stolen_time: of the processors, since they began, by other machines on the
# same hardware, and all time, in ticks.
stolen_time() {
	awk '/^cpu / { for (i = 2; i <= 9; i++) all += $i; print $9, all }' \
		/proc/stat
}

# remember_noise: what is to be known of the time before.
remember_noise() {
	read -r BUSY _ </proc/loadavg
	read -r STOLEN TIME < <(stolen_time)
}

# stolen_share: of the time since remember_noise.
stolen_share() {
	local stolen all

	read -r stolen all < <(stolen_time)
	awk -v s=$((stolen - STOLEN)) -v t=$((all - TIME)) \
		'BEGIN { printf "%.0f %%\n", t ? 100 * s / t : 0 }'
}

# print_noise: what else happened since remember_noise.
print_noise() {
	echo "- load average when it began: $BUSY"
	echo "- processor time that went to other machines: $(stolen_share)"
}

# print_machine: what all of this depends on.
print_machine() {
	echo '## Machine'
	echo
	echo "- processor: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo |
		head -n 1), $(nproc) cores"
	echo "- memory: $(awk '/^MemTotal/ { printf "%.1f GiB", $2 / 2^20 }' \
		/proc/meminfo)"
	echo "- kernel: $(uname -sr)"
	echo "- network: loopback, congestion control" \
		"$(</proc/sys/net/ipv4/tcp_congestion_control)"
}

# print_section TITLE PART: all that comes before its rows.
print_section() {
	printf '\n## %s\n\n### This run\n\n' "$1"
	"versions_of_$2"
	print_noise
	printf '\n### How\n\n'
	"how_of_$2"
	printf '\n### Goals\n\n'
}
