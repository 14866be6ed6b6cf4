# Makes utf8_fold.inc, the tables behind utf8_fold(), from the Unicode
# Character Database (Debian package unicode-data). From the top directory:
#
#	awk -f lib/utf8_fold.awk /usr/share/unicode/UnicodeData.txt \
#	    >lib/utf8_fold.inc
#
# A character's leaf is its combining class when it stays as it is, and
# FOLD_TEXT plus an offset into fold_text when it becomes the characters there,
# the last of which carries FOLD_LAST. Characters are found in two steps: by
# FOLD_BLOCK of them, then within the block; equal blocks are stored once.
# Hangul syllables are not in the tables, they decompose by arithmetic.

BEGIN {
	FS = ";"
	BLOCK = 64
	TEXT = 256
	LAST = 2147483648
}

{
	rune = hex($1)
	if ($4 > 0)
		class[rune] = $4
	if ($6 != "" && $6 !~ /^</)
		decomposition[rune] = $6
	if ($4 == 0 && $2 ~ /LATIN |GREEK |CYRILLIC |ROMAN |MICRO |TURNED .* F$/)
		cased[rune] = 1
	if ($13 != "")
		upper[rune] = hex($13)
	if ($14 != "")
		lower[rune] = hex($14)
	if (rune in class || rune in decomposition || rune in cased)
		seen[++n_seen] = rune
}

END {
	for (i = 1; i <= n_seen; i++)
		place(seen[i])
	limit = (int(highest / BLOCK) + 1) * BLOCK
	for (first = 0; first < limit; first += BLOCK)
		block_of[first / BLOCK] = block(first)
	if (n_blocks > 256 || n_text > 65536 - TEXT) {
		print "utf8_fold.awk: the tables have grown too big" >"/dev/stderr"
		exit 1
	}
	print "/* Made by utf8_fold.awk from UnicodeData.txt: do not edit. */\n"
	print "#define FOLD_LIMIT " sprintf("0x%x", limit)
	print "#define FOLD_BLOCK " BLOCK
	print "#define FOLD_TEXT " TEXT
	print "#define FOLD_LAST 0x80000000\n"
	table("uint8_t fold_block", block_of, limit / BLOCK)
	print ""
	table("uint16_t fold_leaf", leaves, n_blocks * BLOCK)
	print ""
	table("uint32_t fold_text", text, n_text)
}

function hex(digits,	i, n) {
	for (i = 1; i <= length(digits); i++)
		n = n * 16 + index("0123456789ABCDEF", substr(digits, i, 1)) - 1
	return n
}

# What rune becomes: " " before each character of it, in decimal.
function folded(rune,	parts, n, i, result) {
	if (rune in decomposition) {
		n = split(decomposition[rune], parts, " ")
		for (i = 1; i <= n; i++)
			result = result folded(hex(parts[i]))
		return result
	}
	n = cased[rune] ? lowered(rune) : rune
	return n == rune ? " " rune : folded(n)
}

# By way of upper case, so that a final sigma and a long s lose their form.
function lowered(rune) {
	if (rune in upper)
		rune = upper[rune]
	return rune in lower ? lower[rune] : rune
}

# Whether a character would become one that splits words (a Greek question
# mark a semicolon): those stay as they are.
function splits(result,	parts, n, i) {
	n = split(result, parts, " ")
	for (i = 1; i <= n; i++)
		if (parts[i] < 128 && sprintf("%c", parts[i] + 0) !~ /[a-z0-9]/)
			return 1
	return 0
}

function place(rune,	result) {
	result = folded(rune)
	if (result == " " rune || splits(result))
		result = ""
	if (result == "" && !(rune in class))
		return
	leaf[rune] = result == "" ? class[rune] : TEXT + text_at(result)
	if (rune > highest)
		highest = rune
}

function text_at(result,	parts, n, i) {
	if (!(result in offset)) {
		offset[result] = n_text + 0
		n = split(result, parts, " ")
		for (i = 1; i <= n; i++)
			text[n_text++] = parts[i] + (i == n ? LAST : 0)
	}
	return offset[result]
}

function block(first,	i, key) {
	for (i = 0; i < BLOCK; i++)
		key = key " " (leaf[first + i] + 0)
	if (!(key in known)) {
		known[key] = n_blocks + 0
		for (i = 0; i < BLOCK; i++)
			leaves[n_blocks * BLOCK + i] = leaf[first + i] + 0
		n_blocks++
	}
	return known[key]
}

function table(name, values, n,	i, line, item) {
	print "static const " name "[" n "] = {"
	for (i = 0; i < n; i++) {
		item = number(values[i]) ","
		if (length(line) + 1 + length(item) > 72) {
			print "\t" line
			line = ""
		}
		line = line (line == "" ? "" : " ") item
	}
	print "\t" line "\n};"
}

# In two halves, for an awk whose %x stops at 31 bits.
function number(n) {
	if (n < LAST)
		return n + 0
	return sprintf("0x8%07x", n - LAST)
}
