# shellcheck shell=bash
# Keystone, placement, glance and nova's API are WSGI applications; uWSGI serves them.

# wsgi_start NAME PROCESSES SCRIPT VARIABLE=VALUE…
#   lazy-apps:   each worker loads the application itself; its database and queue connections must not
#                be shared across a fork
#   no-orphans:  workers go when their master was killed
#   http-socket: has no keep-alive, so each answer says that its connection ends
wsgi_start() {
  local name=$1 processes=$2 script=$3
  shift 3
  process_start "$name" env "$@" uwsgi --plugins python3 --http-socket "$HOST:$(port "$name")" \
    --wsgi-file "$script" --master --processes "$processes" --enable-threads --lazy-apps --need-app \
    --no-orphans --die-on-term --buffer-size 65535 --listen 128 --disable-logging \
    --add-header 'Connection: close'
}

# answers URL: some HTTP answer that a healthy service gives without a token.
answers() {
  [[ $(curl -s -m 20 -o /dev/null -w '%{http_code}' "$1" 9<&-) =~ ^(200|300|401)$ ]]
}
