# The figures of a soak, a line each: a key and what was counted.

# The one in the middle of values, which are numbers in a text.
function median(values, list, n, i, j, swap) {
	n = split(values, list)
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && list[j - 1] + 0 > list[j] + 0; j--) {
			swap = list[j]
			list[j] = list[j - 1]
			list[j - 1] = swap
		}
	return n > 0 ? list[int((n + 1) / 2)] : "-"
}

$1 == "attack" {
	dialled += $2
	sent += $3
}
# read NAME WHEN P50 P99 LONGEST COUNT
$1 == "read" {
	names[$2]
	half[$2, $3] = half[$2, $3] " " $4
	most[$2, $3] = most[$2, $3] " " $5
	answers[$2] += $7
}
$1 == "listed" { listed += $2 }
$1 == "lost" { lost += $2 }
$1 == "failed" { failed += $2 }
$1 == "killed" { killed += $2 }
$1 == "cut" { cut += $2 }
$1 == "disturbed" { disturbed += $2 }
$1 == "input" { inputs += $2 }
$1 == "seconds" { seconds = $2 }

END {
	printf "%-42s %d\n", "seconds", seconds
	for (name in names) {
		printf "%-42s %d\n", name " answered", answers[name]
		printf "%-42s %s and %s us\n", "  half of them, and 99 in 100, at rest",
			median(half[name, "rest"]), median(most[name, "rest"])
		printf "%-42s %s and %s us\n", "  beside attackers",
			median(half[name, "beside"]),
			median(most[name, "beside"])
	}
	printf "%-42s %d\n", "connections of attackers", dialled
	printf "%-42s %.0f\n", "bytes that they sent", sent
	printf "%-42s %d\n", "calls that failed in turn", failed
	printf "%-42s %d\n", "processes killed", killed
	printf "%-42s %d\n", "networks cut", cut
	printf "%-42s %d\n", "changes to files that are shared", disturbed
	printf "%-42s %.0f\n", "bad inputs tried by fuzzers", inputs
	printf "%-42s %d\n", "listings looked for", listed
	printf "%-42s %d\n", "listings lost", lost
}
