# The house keeps its walls: who may include whom (HACKING.md).

load common

# The layers of the library. A file belongs to the subject that its name begins
# with: http_date.c to http.
GROUND='addr buf clock cond crowd digest hash log num opt processors prompt rune slice'
CODECS='conf http line locator path proto sha256 utf8'
WIRES='conn drop emit inherit inbox listen loop net'
ABOVE='indexes presets' # parsers that put codecs together

subject() {
	local name=${1##*/}

	name=${name%.*}
	echo "${name%%_*}"
}

# files SUBJECT...: the sources and headers of these subjects.
files() {
	local file

	for file in "$SOURCE"/lib/*.[ch]; do
		[[ " $* " != *" $(subject "$file") "* ]] || echo "$file"
	done
}

# includes FILE...: "file header" for each of our own headers.
includes() {
	grep -HoE '^#include "[^"]+"' "$@" |
		sed -E 's/^([^:]*):#include "([^"]*)"/\1 \2/'
}

# allow SUBJECT...: name each include on standard input of another subject.
allow() {
	local file header bad=0

	while read -r file header; do
		[[ $header == config.h ||
			" $* " == *" $(subject "$header") "* ]] && continue
		echo "${file#"$SOURCE"/} includes $header"
		bad=1
	done
	return $bad
}

# undefined OBJECT PATTERN: the symbols that an object wants of others.
undefined() {
	nm -u "$1" | awk '{ print $2 }' | sed 's/@.*//' | grep -xE "$2"
}

@test "every file of the library belongs to one of its layers" {
	for file in "$SOURCE"/lib/*.[ch]; do
		[[ " $GROUND $CODECS $WIRES $ABOVE " == *" $(subject "$file") "* ]] ||
			fail "${file##*/} is in no layer"
	done
}

@test "the ground includes libc alone" {
	run allow $GROUND < <(includes $(files $GROUND))
	assert_success
}

@test "a codec includes the ground and its own parts alone" {
	for codec in $CODECS; do
		run allow $GROUND $codec < <(includes $(files $codec))
		assert_success
	done
}

@test "a wire includes the ground and other wires, never a codec" {
	run allow $GROUND $WIRES < <(includes $(files $WIRES))
	assert_success
}

@test "a program's folder includes itself and the library" {
	for program in indexd nshare nfind nget; do
		while read -r file header; do
			case $header in
			config.h) ;;
			lib/*) assert_file_exists "$SOURCE/$header" ;;
			*) assert_file_exists "$SOURCE/$program/$header" ;;
			esac
		done < <(includes "$SOURCE"/$program/*.[ch])
	done
}

# engine: the names in indexd/ that store.c is made of, by what it includes.
engine() {
	local parts=' ' waiting='store' name

	while [[ -n $waiting ]]; do
		name=${waiting%% *}
		waiting=${waiting#"$name"}
		waiting=${waiting# }
		[[ $parts == *" $name "* ]] && continue
		parts+="$name "
		waiting+=" $(includes $(ls "$SOURCE"/indexd/"$name".[ch]) |
			awk '$2 !~ "/" { sub(/\.h$/, "", $2); print $2 }' |
			tr '\n' ' ')"
		waiting=$(echo $waiting)
	done
	echo $parts
}

@test "the engine includes the ground, utf8 and its own parts alone" {
	parts=$(engine)
	assert_regex "$parts" '^store .'
	for part in $parts; do
		run allow $GROUND utf8 $parts \
			< <(includes $(ls "$SOURCE"/indexd/"$part".[ch]))
		assert_success
		[[ " server worker session command index " != *" $part "* ]] ||
			fail "the engine reaches $part"
	done
}

@test "each source has an object, to see below what it wants" {
	cd "$SOURCE"
	for source in {lib,indexd}/*.c; do
		assert_file_exists "$BUILD/${source%.c}.o"
	done
}

@test "one file of the library opens sockets" {
	for object in "$BUILD"/lib/*.o; do
		[[ ${object##*/} == net.o ]] && continue
		run undefined "$object" 'socket|accept4?|connect|listen|bind'
		refute_output
	done
}

@test "codecs use no descriptor, no clock and no log" {
	for object in "$BUILD"/lib/*.o; do
		[[ " $CODECS " == *" $(subject "$object") "* ]] || continue
		run undefined "$object" \
			'read|write|open|openat|send|recv|time|clock_gettime|log_.*'
		refute_output
	done
}

@test "the engine uses no descriptor and no clock" {
	for part in $(engine); do
		[[ -e $SOURCE/indexd/$part.c ]] || continue
		run undefined "$BUILD/indexd/$part.o" \
			'socket|send|recv|read|write|epoll_.*|time|clock_gettime'
		refute_output
	done
}

@test "the library never exits, but for what programs alone may call" {
	for object in "$BUILD"/lib/*.o; do
		[[ " log opt drop " == *" $(subject "$object") "* ]] && continue
		run undefined "$object" '_?exit|abort|die|diex'
		refute_output
	done
}

@test "clang-format has nothing to say" {
	clang-format --version | grep -q 'version 14\.' ||
		skip 'clang-format 14, which decides, is not installed'
	run bash -c "cd '$SOURCE' && clang-format --dry-run -Werror \
		{lib,indexd,nshare,nfind,nget,tests}/*.[ch]"
	assert_success
}

@test "the tests that SECURITY.md names are there" {
	names=$(grep -oE '`(t_[a-z0-9_*]+|[a-z_*]+\.bats|tests/[a-z]+)`' "$SOURCE/SECURITY.md" |
		tr -d '`' | sort -u)
	(($(wc -l <<<"$names") > 20))
	for name in $names; do
		compgen -G "$SOURCE/tests/${name#tests/}*" >/dev/null || fail "$name"
	done
}
