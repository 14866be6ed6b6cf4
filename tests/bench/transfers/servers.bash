# The servers, all of the directory SHARED, on loopback: PORTS has the port of
# each, SERVERS the processes that it consists of, PREFIXES what stands before a
# path if anything does. "wire" is nginx, too, at the speed of a usual network.

declare -A PORTS SERVERS PREFIXES

WIRE_RATE=119m # bytes a second: a gigabit in a second, almost

# start_nshare: at the index, so that it has its files when this returns.
start_nshare() {
	spawn nshare "$BUILD/nshare/nshare" -I "127.0.0.1:$INDEX" -l 127.0.0.1 \
		-p 0 --no-hash "$SHARED"
	await_line "$PID" "$TMP/nshare.err" 'sharing .*:[0-9]+$' ||
		fail "nshare does not start: $(cat "$TMP/nshare.err")"
	SERVERS[nshare]=$PID
	PORTS[nshare]=${MATCH##*:}
}

# nginx_configuration PORT: two workers, each with a socket of its own, and no
# file that is not in TMP.
nginx_configuration() {
	local user=''

	((EUID != 0)) || user='user root;'
	cat <<-END
		daemon off;
		$user
		worker_processes 2;
		pid $TMP/nginx.pid;
		error_log stderr notice;
		events { worker_connections 1024; }
		http {
			access_log off;
			sendfile on;
			tcp_nopush on;
			keepalive_requests 1000000000;
			keepalive_timeout 600;
			client_body_temp_path $TMP/nginx-body;
			proxy_temp_path $TMP/nginx-proxy;
			fastcgi_temp_path $TMP/nginx-fastcgi;
			uwsgi_temp_path $TMP/nginx-uwsgi;
			scgi_temp_path $TMP/nginx-scgi;
			server {
				listen 127.0.0.1:$1 reuseport;
				root $SHARED;
				location /wire/ {
					alias $SHARED/;
					limit_rate $WIRE_RATE;
				}
			}
		}
	END
}

start_nginx() {
	find_port try_nginx
	PORTS[nginx]=$PORT
	PORTS[wire]=$PORT
	PREFIXES[wire]=wire/
}

try_nginx() {
	nginx_configuration "$1" >"$TMP/nginx.conf"
	spawn nginx nginx -e stderr -p "$TMP" -c "$TMP/nginx.conf"
	if await "$PID" has_workers 2; then
		SERVERS[nginx]="$PID ${WORKERS[*]}"
		return
	fi
	end "$PID"
	return 1
}

# has_workers COUNT: WORKERS are the processes that nginx has started.
has_workers() {
	mapfile -t WORKERS < <(
		sed -n 's/.*start worker process //p' "$TMP/nginx.err"
	)
	((${#WORKERS[@]} == $1))
}

start_darkhttpd() {
	find_port try_darkhttpd
	PORTS[darkhttpd]=$PORT
}

try_darkhttpd() {
	! is_open "$1" || return
	spawn darkhttpd darkhttpd "$SHARED" --addr 127.0.0.1 --port "$1" \
		--log /dev/null
	SERVERS[darkhttpd]=$PID
	await "$PID" is_open "$1" && return
	end "$PID"
	return 1
}

is_open() {
	(: <>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

