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
		else if (unit == "flow") printf "%.2f GiB/s", v / 2^30
		else if (unit == "rate" && v >= 1e6) printf "%.2f M/s", v / 1e6
		else if (unit == "rate") printf "%.1f k/s", v / 1e3
		else if (unit == "ms" && v < 10) printf "%.3f ms", v
		else if (unit == "ms") printf "%.1f ms", v
		else if (unit == "time" && v >= 1000) printf "%.2f s", v / 1000
		else if (unit == "time") printf "%.1f ms", v
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

# size BYTES: for people.
size() {
	awk -v n="$1" 'BEGIN {
		split("B KiB MiB GiB", unit, " ")
		for (i = 1; i < 4 && n >= 1024; i++) n /= 1024
		printf "%g %s", n, unit[i]
	}'
}

# quotient A B: nothing when one of them is missing.
quotient() {
	awk -v a="$1" -v b="$2" 'BEGIN {
		if (a != "" && b + 0 > 0) print a / b
	}'
}

# verdict VALUE [COMPARISON GOAL]
verdict() {
	awk -v v="$1" -v how="$2" -v goal="$3" 'BEGIN {
		if (v == "" || how == "") print "–"
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
