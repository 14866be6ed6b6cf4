# What the bench has measured, and how it is shown.

declare -A FIGURES # by name; several values each

# note NAME VALUE: one more measurement of it.
note() {
	FIGURES[$1]+=" $2"
}

# first NAME: the first measurement of what does not change.
first() {
	local first

	read -r first _ <<<"${FIGURES[$1]:-–}"
	echo "$first"
}

# median NAME: of its measurements; nothing when there are none.
median() {
	tr ' ' '\n' <<<"${FIGURES[$1]:-}" | sort -g | awk 'NF { v[++n] = $1 }
		END { if (n) print (v[int((n + 1) / 2)] + v[int(n / 2) + 1]) / 2 }'
}

# worst NAME...: the greatest of their medians.
worst() {
	local name

	for name; do
		median "$name"
	done | sort -g | tail -n 1
}

# sum NAME...: of their medians.
sum() {
	local name

	for name; do
		median "$name"
	done | awk '{ s += $1 } END { print s }'
}

# show UNIT VALUE: for people.
show() {
	awk -v unit="$1" -v v="${2:-}" 'BEGIN {
		if (v == "") print "–"
		else if (unit == "rate" && v >= 1e6) printf "%.2f M/s", v / 1e6
		else if (unit == "rate") printf "%.1f k/s", v / 1e3
		else if (unit == "ms" && v < 10) printf "%.3f ms", v
		else if (unit == "ms") printf "%.1f ms", v
		else if (unit == "s") printf "%.2f s", v
		else if (unit == "bytes") printf "%.0f B", v
		else if (unit == "us") printf "%.2f µs", v
		else if (unit == "kib") printf "%.1f MiB", v / 1024
		else if (unit == "ratio" && v < 0.1) printf "%.3f ×", v
		else if (unit == "ratio") printf "%.2f ×", v
		else print v
	}'
}

# count N: a number of names for people.
count() {
	awk -v n="$1" 'BEGIN {
		if (n >= 1e6) printf "%g M", n / 1e6
		else printf "%g k", n / 1e3
	}'
}

# quotient A B: nothing when one of them is missing.
quotient() {
	awk -v a="$1" -v b="$2" 'BEGIN {
		if (a != "" && b + 0 > 0) print a / b
	}'
}

# verdict VALUE COMPARISON GOAL
verdict() {
	awk -v v="$1" -v how="$2" -v goal="$3" 'BEGIN {
		if (v == "") print "–"
		else if (how == ">=") print v >= goal ? "yes" : "**no**"
		else print v <= goal ? "yes" : "**no**"
	}'
}

# goal COMPARISON GOAL [UNIT]: for people.
goal() {
	local sign='≤'

	[[ $1 != '>=' ]] || sign='≥'
	echo "$sign $2${3:+ $3}"
}

# versus WORK UNIT OURS PEER COMPARISON GOAL [ABSENT]: a row of the table, for
# figures that are wanted in proportion to each other.
versus() {
	local ratio theirs

	ratio=$(quotient "$3" "$4")
	theirs=$(show "$2" "$4")
	[[ -n $4 ]] || theirs=${7:-–}
	ROWS+=("$1 | $(show "$2" "$3") | $theirs | $(show ratio "$ratio") \
| $(goal "$5" "$6" ×) | $(verdict "$ratio" "$5" "$6")")
}

# alone WORK UNIT OURS COMPARISON GOAL: a row for a figure that has no peer.
alone() {
	ROWS+=("$1 | $(show "$2" "$3") | – | – | $(goal "$4" "$(show "$2" "$5")") \
| $(verdict "$3" "$4" "$5")")
}
