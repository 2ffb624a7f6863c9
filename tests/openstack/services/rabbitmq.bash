# shellcheck shell=bash
# RabbitMQ: by its own script, not Debian's in /usr/sbin, which insists on user rabbitmq and /etc.
# Everything that it would look for in fixed places is said to it; HOME is where Erlang's cookie goes.

# Erlang's port mapper. A node that finds none starts one itself, which then outlives it and belongs to
# nobody; with a port of its own and started first, it is ours.
epmd_start() {
  process_start epmd env HOME="$CLOUD_DIR/home" epmd -address "$HOST" -port "$(port epmd)"
}

epmd_ready() { epmd -port "$(port epmd)" -names 9<&-; }

rabbitmq_configure() {
  put etc/rabbitmq/rabbitmq.conf rabbitmq <<CONF
listeners.tcp.1 = $HOST:$(port rabbitmq)
default_user = tidepool
default_pass = $QUEUE_PASSWORD
vm_memory_high_watermark.absolute = 1GB
disk_free_limit.absolute = 50MB
log.console = true
log.file = false
CONF
  put etc/rabbitmq/enabled_plugins rabbitmq <<<'[].'
}

# +sbwt none: Erlang's schedulers do not spin while they wait; the machine has other uses for its cores.
rabbitmq_start() {
  process_start rabbitmq env HOME="$CLOUD_DIR/home" \
    ERL_EPMD_PORT="$(port epmd)" ERL_EPMD_ADDRESS="$HOST" \
    RABBITMQ_CONF_ENV_FILE=/dev/null RABBITMQ_NODENAME=tidepool@localhost \
    RABBITMQ_CONFIG_FILE="$CLOUD_DIR/etc/rabbitmq/rabbitmq.conf" \
    RABBITMQ_ENABLED_PLUGINS_FILE="$CLOUD_DIR/etc/rabbitmq/enabled_plugins" \
    RABBITMQ_DIST_PORT="$(port rabbitmq-dist)" RABBITMQ_MNESIA_BASE="$CLOUD_DIR/data/rabbitmq" \
    RABBITMQ_LOG_BASE="$CLOUD_DIR/log" RABBITMQ_PID_FILE="$CLOUD_DIR/run/rabbitmq.own" \
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1} +sbwt none" \
    /usr/lib/rabbitmq/bin/rabbitmq-server
}

# It opens its port when it is ready for clients, and greets whoever says the protocol's first words.
rabbitmq_ready() {
  (
    exec 3<>"/dev/tcp/$HOST/$(port rabbitmq)" || exit
    printf 'AMQP\0\0\011\001' >&3
    IFS= read -r -t 10 -n 1 -d '' _ <&3
  )
}
