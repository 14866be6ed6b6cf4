# What fish completes behind nget. Locators are what nfind finds: with the words
# typed, or in what begins like this one.

# What the indexes that the words before name know of the text, a locator a
# line. One that is down must not keep anybody waiting.
function __nget_found -a limit text
	set -l asked
	set -l before
	for word in (commandline -opc)
		switch $before
			case -I --index
				set -a asked -I $word
		end
		string match -qr -- '^(-I.|--index=)' $word; and set -a asked $word
		set before $word
	end
	command nfind $asked --no-digest --timeout 1 -n $limit -- $text \
		</dev/null 2>/dev/null
end

# Whether names follow HOST:PORT, rather than locators.
function __nget_names
	set -l before
	for word in (commandline -opc)[2..]
		string match -qr -- '^[^-/][^/]*:[0-9]+$' $word
		and not contains -- "$before" -I --index --list
		and return
		set before $word
	end
	return 1
end

function __nget_locators
	set -l word (commandline -ct | string unescape)
	set -l limit 50
	set -l text $word
	if string match -q -- '*/*' "$word"
		set limit 1000
		set text (string replace -r -- '^[^/]*/' '' $word |
			string replace -r -- '%.?$' '' | string unescape --style=url)
	end
	test (string length -- "$text") -gt 1; or return
	__nget_names; and return
	__nget_found $limit $text
end

complete -c nget -f -k -a '(__nget_locators)'
complete -c nget -s o -l output -r -F -d 'Save as that'
complete -c nget -s d -l directory -x -a '(__fish_complete_directories)' \
	-d 'Save there'
complete -c nget -s f -l force -d 'Replace files that are there already'
complete -c nget -l no-continue -d 'Start interrupted transfers again'
complete -c nget -l digest -x -a 'sha256:' -d 'What the content must be'
complete -c nget -s m -l multiple -d 'All locators are sources of one file'
complete -c nget -s j -l jobs -x -d 'So many files at a time'
complete -c nget -l rate -x -d 'No more bytes a second'
complete -c nget -l timeout -x -d 'Wait no longer for a byte'
complete -c nget -l list -x -d 'Print what that peer shares'
complete -c nget -s I -l index -x -d 'Ask that index for other sources'
complete -c nget -s q -l quiet -d 'No progress, no talk but errors'
complete -c nget -s v -l verbose -d 'Say more'
complete -c nget -s h -l help -d 'Show the options'
complete -c nget -s V -l version -d 'Show the version'
