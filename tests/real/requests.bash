# What the workers have asked the cloud for, by their own count ("requests sent" in tidepool's log at a
# worker's end). `load requests` after real.

# _requests: "COUNT KIND" a line, all workers since forget_requests together.
_requests() {
  tail -n "+$(($(cat "$LAB_DIR/requests.from" 2>/dev/null || echo 0) + 1))" "$LAB_DIR/log/tidepool.log" |
    sed -nE 's/.*requests sent route="([^"]*)" count=([0-9]+)$/\2 \1/p' |
    awk '{ n = $1; sub(/^[0-9]+ /, ""); sum[$0] += n } END { for (kind in sum) print sum[kind], kind }' |
    sort -rn
}
forget_requests() { wc -l <"$LAB_DIR/log/tidepool.log" >"$LAB_DIR/requests.from"; }

# sent RE: how many whose kind ("POST /v2.1/servers") matches.
sent() { _requests | RE=$1 awk '{ n = $1; sub(/^[0-9]+ /, "") } $0 ~ ENVIRON["RE"] { sum += n } END { print sum + 0 }'; }
# lookups: those that are neither listings of servers nor changes.
lookups() { echo $(($(sent '^GET ') - $(sent '^GET .*/servers/detail$'))); }

# print_requests HEADING: for whoever runs the test by hand; bats shows it (fd 3).
print_requests() {
  { echo "# $1: $(sent .) requests" && _requests | sed 's/^/#   /'; } >&3
}
