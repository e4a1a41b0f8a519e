package slurm

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// What every cluster has.
const (
	PerNode     = 8 // GPUs of a node
	KilowattGPU = 1 // kW that a GPU is planned with
	Budget      = 100
	Firm        = "firm"
	Spot        = "spot"
	Tenant      = "tenant-a"
	Grace       = 4 // seconds between the warning and the end of a preempted job
	watcher     = "nobody"
)

// ports are the TCP ports of one cluster on 127.0.0.1.
type ports struct{ controller, database, accounting, first, second int }

// slurmConf is the configuration of the controller and the nodes.
func (c *Cluster) slurmConf(p ports, host string) string {
	d := c.Dir
	return fmt.Sprintf(`ClusterName=hall
SlurmctldHost=%[2]s(127.0.0.1)
SlurmctldPort=%[3]d
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket=%[1]s/munge/socket,cred_expire=%[8]d
StateSaveLocation=%[1]s/state
SlurmdSpoolDir=%[1]s/spool.%%n
SlurmctldPidFile=%[1]s/slurmctld.pid
SlurmdPidFile=%[1]s/slurmd.%%n.pid
SlurmctldLogFile=%[1]s/slurmctld.log
SlurmdLogFile=%[1]s/slurmd.%%n.log
SlurmctldDebug=info
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
GresTypes=gpu
SlurmdParameters=config_overrides
ReturnToService=2
MpiDefault=none
SwitchType=switch/none
JobRequeue=1
KillWait=2
JobSubmitPlugins=lua
SchedulerParameters=sched_interval=1,bf_interval=1,sched_min_interval=100000
SlurmctldParameters=preempt_send_user_signal,power_save_interval=2,power_save_min_interval=1
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
Licenses=kw:%[9]d
SuspendProgram=%[1]s/off
ResumeProgram=%[1]s/on
SuspendTime=3600
SuspendTimeout=3
ResumeTimeout=60
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort=%[5]d
AccountingStoragePass=%[1]s/munge/socket
AccountingStorageTRES=gres/gpu,gres/gpu:h100,license/kw
AccountingStorageEnforce=associations,limits,qos
AccountingStoreFlags=job_comment
JobAcctGatherType=jobacct_gather/none
NodeName=n1 NodeHostname=%[2]s NodeAddr=127.0.0.1 Port=%[6]d CPUs=16 RealMemory=8000 Gres=gpu:h100:%[10]d
NodeName=n2 NodeHostname=%[2]s NodeAddr=127.0.0.1 Port=%[7]d CPUs=16 RealMemory=8000 Gres=gpu:h100:%[10]d
PartitionName=firm Nodes=n1,n2 Default=NO PriorityTier=100 PreemptMode=OFF MaxTime=INFINITE DefMemPerNode=10
PartitionName=spot Nodes=n1,n2 Default=YES PriorityTier=10 PreemptMode=REQUEUE GraceTime=%[11]d MaxTime=INFINITE DefMemPerNode=10
`, d, host, p.controller, 0, p.accounting, p.first, p.second, c.expire, Budget, PerNode, Grace)
}

func (c *Cluster) slurmdbdConf(p ports, host string) string {
	return fmt.Sprintf(`AuthType=auth/munge
AuthInfo=socket=%[1]s/munge/socket
DbdHost=%[2]s
DbdAddr=127.0.0.1
DbdPort=%[3]d
SlurmUser=root
PidFile=%[1]s/slurmdbd.pid
LogFile=%[1]s/slurmdbd.log
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort=%[4]d
StorageUser=slurm
StoragePass=slurm
StorageLoc=slurm_acct
`, c.Dir, host, p.accounting, p.database)
}

// gresConf names the files that stand for GPUs.
func (c *Cluster) gresConf() string {
	var out strings.Builder
	for _, n := range c.Nodes() {
		fmt.Fprintf(&out, "NodeName=%s Name=gpu Type=h100 File=%s/dev/%sg[0-%d]\n", n, c.Dir, n, PerNode-1)
	}
	return out.String()
}

// hooks are the programs that switch nodes off and on: they end and start slurmd
// and write when they were called.
func (c *Cluster) hooks() (off, on string) {
	head := fmt.Sprintf("#!/bin/sh\nexport PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin SLURM_CONF=%[1]s/slurm.conf\nfor n in $(scontrol show hostnames \"$1\"); do\n", c.Dir)
	off = head + fmt.Sprintf("echo \"$(date +%%s.%%N) off $n\" >>%[1]s/hooks.log\nkill \"$(cat %[1]s/slurmd.$n.pid)\"\ndone\n", c.Dir)
	on = head + fmt.Sprintf("echo \"$(date +%%s.%%N) on $n\" >>%[1]s/hooks.log\nkill -0 \"$(cat %[1]s/slurmd.$n.pid)\" 2>/dev/null || setsid slurmd -b -N \"$n\" </dev/null >/dev/null 2>&1\ndone\n", c.Dir)
	return off, on
}

// lay writes every file of the cluster.
func (c *Cluster) lay(p ports, host string) error {
	for _, sub := range []string{"state", "spool.n1", "spool.n2", "dev", "munge", "rest", "jobs"} {
		if err := os.MkdirAll(filepath.Join(c.Dir, sub), 0o755); err != nil { //nolint:gosec // other users of the cluster read them
			return err
		}
	}
	off, on := c.hooks()
	files := map[string]struct {
		text string
		mode os.FileMode
	}{
		"slurm.conf": {c.slurmConf(p, host), 0o644}, "slurmdbd.conf": {c.slurmdbdConf(p, host), 0o600}, "gres.conf": {c.gresConf(), 0o644},
		"cgroup.conf": {"CgroupPlugin=cgroup/v1\nIgnoreSystemd=yes\n", 0o644}, "off": {off, 0o755}, "on": {on, 0o755}, "job": {jobScript, 0o755}, "job_submit.lua": {hook, 0o644}, "hooks.log": {"", 0o644},
	}
	for name, f := range files {
		if err := os.WriteFile(filepath.Join(c.Dir, name), []byte(f.text), f.mode); err != nil {
			return err
		}
	}
	for _, n := range c.Nodes() {
		for i := range PerNode {
			if err := os.WriteFile(filepath.Join(c.Dir, "dev", fmt.Sprintf("%sg%d", n, i)), nil, 0o666); err != nil { //nolint:gosec // it stands for a device
				return err
			}
		}
	}
	return nil
}

// hook gives every job the licenses of its GPUs, unless it states some.
const hook = `local kw_per_gpu = 1
function slurm_job_submit(job, part, uid)
  local gpus = tonumber(string.match(job.tres_per_node or "", "gpu[%a%d:_=]*[:=](%d+)") or 0)
  local nodes = job.min_nodes or 1
  if nodes < 1 or nodes > 100000 then nodes = 1 end -- not stated
  if gpus > 0 and (job.licenses or "") == "" then job.licenses = "kw:" .. math.floor(gpus * nodes * kw_per_gpu) end
  return slurm.SUCCESS
end
function slurm_job_modify() return slurm.SUCCESS end
`

// jobScript runs until its file "end" is there. It writes down the signals that
// it gets; with the word deaf it heeds none.
const jobScript = `#!/bin/bash
at() { date +%s.%N; }
log="$2/$SLURM_JOB_ID.log"
trap 'echo "$(at) USR1" >>"$log"' USR1
if [ "$1" = deaf ]; then trap '' TERM; else trap 'echo "$(at) TERM" >>"$log"; exit 143' TERM; fi
echo $$ >"$2/$SLURM_JOB_ID.pid"
echo "$(at) start" >>"$log"
while [ ! -e "$2/$SLURM_JOB_ID.end" ]; do sleep 0.1; done
echo "$(at) end" >>"$log"
`
