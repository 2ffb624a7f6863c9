# The lab's slurm.conf: a small elastic cluster whose power saving reacts within a second or two.

OSG_LIST() { printf 'osg-[001-%03d]' "$OSG_NODES"; }
COMPUTE_LIST() { printf 'compute-[01-%02d]' "$COMPUTE_NODES"; }

# Where the VMs are. 10.N.1.x and 10.N.2.x; stale addresses (see --node-addr) are 8 networks higher.
osg_addresses() { echo "10.$LAB_ID.$((1 + ${1:-0})).[1-$OSG_NODES]"; }
compute_addresses() { echo "10.$LAB_ID.$((2 + ${1:-0})).[1-$COMPUTE_NODES]"; }

slurm_conf_write() {
  local parameters=idle_on_node_suspend,power_save_interval=1,power_save_min_interval=0
  [[ $NODES_ARE == static ]] || parameters+=,enable_configless
  cat >"$LAB_DIR/etc/slurm.conf" <<CONF
ClusterName=lab$LAB_ID
SlurmctldHost=controller($LAB_ADDRESS)
SlurmUser=slurm
AuthType=auth/munge
# cred_expire: a requeued job waits this long before it starts again (120 s otherwise).
AuthInfo=socket=$LAB_DIR/run/munge.socket,cred_expire=15
# Several labs on one machine: each slurmctld listens on its own bridge's address only.
CommunicationParameters=NoCtldInAddrAny
StateSaveLocation=$LAB_DIR/state/slurmctld
SlurmctldPidFile=$LAB_DIR/state/slurmctld/slurmctld.pid
SlurmctldLogFile=$LAB_DIR/log/slurmctld.log
SlurmctldDebug=verbose
DebugFlags=Power
LogTimeFormat=iso8601_ms
# In every VM its own disk is mounted here.
SlurmdPidFile=$LAB_DIR/guest/slurmd.pid
SlurmdLogFile=$LAB_DIR/guest/slurmd.log
SlurmdSpoolDir=$LAB_DIR/guest/spool
SlurmdDebug=verbose
SlurmdTimeout=$SLURMD_TIMEOUT
SlurmctldTimeout=60
InactiveLimit=0
MinJobAge=3600
KillWait=5
ReturnToService=2
TreeWidth=65533
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
# A VM is as large as its flavor says, whatever the machine below it has.
SlurmdParameters=config_overrides
PrivateData=cloud

SlurmctldParameters=$parameters
SchedulerParameters=sched_interval=2,sched_min_interval=0,bf_interval=2
ResumeProgram=$LAB_DIR/bin/resume
SuspendProgram=$LAB_DIR/bin/suspend
ResumeFailProgram=$LAB_DIR/bin/resume-fail
ResumeTimeout=$RESUME_TIMEOUT
SuspendTimeout=$SUSPEND_TIMEOUT
SuspendTime=$SUSPEND_TIME
ResumeRate=0
SuspendRate=0

$(_slurm_conf_nodes)
$(_slurm_conf_standin)
$(plugin_lines)
CONF
}

# Dynamic nodes come to their partitions by what features they have, as `tidepool slurm-conf` says it.
_slurm_conf_nodes() {
  local offset=0 osg compute
  osg=$(OSG_LIST) compute=$(COMPUTE_LIST)
  [[ $NODE_ADDR == real ]] || offset=8
  if [[ $NODES_ARE == dynamic ]]; then
    osg=osg compute=compute
    printf '%s\n' MaxNodeCount=64 "NodeSet=osg Feature=osg" "NodeSet=compute Feature=compute"
  else
    cat <<CONF
NodeName=DEFAULT State=CLOUD CPUs=$CPUS RealMemory=1000 Weight=1
NodeName=$osg NodeAddr=$(osg_addresses $offset)
NodeName=$compute NodeAddr=$(compute_addresses $offset)
CONF
  fi
  cat <<CONF
PartitionName=osg Nodes=$osg Default=YES MaxTime=INFINITE State=UP
PartitionName=compute Nodes=$compute MaxTime=INFINITE State=UP
CONF
}

# Always on, in no partition, and none of power saving's business.
_slurm_conf_standin() {
  [[ $STANDIN ]] || return 0
  echo "NodeName=$STANDIN NodeAddr=$(lab_standin_address "$LAB_ID") State=UNKNOWN CPUs=1 RealMemory=1"
  echo "SuspendExcNodes=$STANDIN"
}
